import { expect, test as base } from '@grafana/plugin-e2e';

/**
 * Grafana's tests, each with a session of its own: Grafana replaces a session's token every ten minutes, and one that
 * was stored at the start of a long run would no longer be known at its end.
 */
export const test = base.extend({
  storageState: async ({ playwright, baseURL }, use) => {
    const login = await playwright.request.newContext({ baseURL, storageState: undefined });
    const response = await login.post('/login', { data: { user: 'admin', password: 'admin' } });
    expect(response.ok(), await response.text()).toBe(true);
    await use(await login.storageState());
    await login.dispose();
  },
});

export { expect };
