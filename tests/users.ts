import { Browser, BrowserContext, expect, Page } from '@playwright/test';

/** Opens Grafana's pages as somebody who has not logged in. */
export function asStranger(browser: Browser): Promise<BrowserContext> {
  return browser.newContext({ baseURL: process.env.GRAFANA_URL, storageState: undefined });
}

/** Makes a user with a role, and returns a page of theirs. The other page is an administrator's. */
export async function logIn(admin: Page, browser: Browser, login: string, role: string): Promise<Page> {
  await removeUser(admin, login);
  const password = `${login}-password`;
  const made = await admin.request.post('/api/admin/users', { data: { name: login, login, password } });
  expect(made.ok(), await made.text()).toBe(true);
  const { id } = await made.json();
  const given = await admin.request.patch(`/api/org/users/${id}`, { data: { role } });
  expect(given.ok(), await given.text()).toBe(true);
  const context = await asStranger(browser);
  const response = await context.request.post('/login', { data: { user: login, password } });
  expect(response.ok(), await response.text()).toBe(true);
  return context.newPage();
}

export async function removeUser(admin: Page, login: string) {
  const response = await admin.request.get(`/api/users/lookup?loginOrEmail=${login}`);
  if (response.ok()) {
    const { id } = await response.json();
    await admin.request.delete(`/api/admin/users/${id}`);
  }
}
