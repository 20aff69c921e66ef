import { createElement, ElementType, Key, ReactNode } from 'react';

export { Fragment } from 'react';

/**
 * What `react/jsx-runtime` gives to libraries that were built for it, out of the React that Grafana shares. Grafana shares
 * that module itself only since 12.3 and late patches of 11.6 to 12.2; React's own copy would fit one version of React.
 */
export function jsx(type: ElementType, props: object, key?: Key) {
  return createElement(type, key === undefined ? props : { ...props, key });
}

/** Several children that are written one after the other need no keys: React is given them one by one. */
export function jsxs(type: ElementType, { children, ...props }: { children: ReactNode[] }, key?: Key) {
  return createElement(type, key === undefined ? props : { ...props, key }, ...children);
}
