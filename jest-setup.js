import './.config/jest-setup';
import { configure } from '@testing-library/react';

// jsdom lays nothing out: without a size, pickers draw none of their options.
const box = { width: 400, height: 400, top: 0, left: 0, bottom: 400, right: 400, x: 0, y: 0, toJSON: () => ({}) };
Object.defineProperty(Element.prototype, 'getBoundingClientRect', { value: () => box });
Object.defineProperty(HTMLElement.prototype, 'offsetHeight', { value: 400 });
Object.defineProperty(HTMLElement.prototype, 'offsetWidth', { value: 400 });

class Observer {
  observe() {}
  unobserve() {}
  disconnect() {}
}
global.ResizeObserver = Observer;
global.IntersectionObserver = Observer;

// Pickers size themselves by their text.
HTMLCanvasElement.prototype.getContext = () => ({ measureText: (text) => ({ width: text.length * 8 }) });

// Finding by role would compute styles that jsdom does not have, at great cost.
// What is waited for has the time that a busy machine takes; a test that waits in vain fails all the same.
configure({ defaultHidden: true, asyncUtilTimeout: 20_000 });

// i18next advertises its maker on every start; Grafana's tooltips and inputs update themselves after a test's own steps.
const { info, error } = console;
console.info = (...args) => (String(args[0]).includes('i18next') ? undefined : info(...args));
console.error = (...args) => (String(args[0]).includes('not wrapped in act') ? undefined : error(...args));
