import type { PluginOptions } from '@grafana/plugin-e2e';
import { defineConfig, devices } from '@playwright/test';

/** A Chromium that is on the machine; without it Playwright takes its own. */
const executablePath = process.env.PLAYWRIGHT_CHROMIUM_EXECUTABLE_PATH;

if (!process.env.GRAFANA_URL) {
  throw new Error(
    'GRAFANA_URL is not set: run `go tool mage e2e`, or set it to a Grafana with the plugin, with FLUXHOUND_CH_HTTP and FLUXHOUND_CH_NATIVE (host:port of its ClickHouse)'
  );
}

export default defineConfig<PluginOptions>({
  testDir: './tests',
  outputDir: './test-results',
  // The specs share one Grafana and one ClickHouse; what one makes must not be in another's way.
  workers: 1,
  forbidOnly: Boolean(process.env.CI),
  reporter: [['list'], ['html', { open: 'never' }]],
  timeout: 180_000,
  expect: { timeout: 30_000 },
  use: {
    baseURL: process.env.GRAFANA_URL,
    locale: 'en-US',
    timezoneId: 'UTC',
    trace: 'retain-on-failure',
    screenshot: 'only-on-failure',
    actionTimeout: 45_000,
    viewport: { width: 1600, height: 1000 },
    launchOptions: { executablePath, args: ['--no-sandbox'] },
  },
  projects: [
    { name: 'chromium', testIgnore: /screenshots\.spec\.ts/, use: desktop() },
    { name: 'screenshots', testMatch: /screenshots\.spec\.ts/, use: desktop() },
  ],
});

function desktop() {
  const { viewport: _, ...desktopChrome } = devices['Desktop Chrome'];
  return desktopChrome;
}
