import { render, screen } from '@testing-library/react';
import { ElementType, Key } from 'react';
import * as react from 'react/jsx-runtime';

import * as own from './jsxRuntime';

describe('the JSX runtime of libraries', () => {
  it.each<[string, ElementType, object, Key | undefined]>([
    ['an element', 'p', { title: 'a', children: 'text' }, undefined],
    ['an element with a key', 'p', { children: 'text' }, 'k'],
    ['a fragment', own.Fragment, { children: 'text' }, undefined],
    ['no children', 'hr', {}, undefined],
  ])('makes of %s what React’s does', (_, type, props, key) => {
    const { type: madeType, props: madeProps, key: madeKey } = own.jsx(type, props, key);
    const want = react.jsx(type, props, key);
    expect({ type: madeType, props: madeProps, key: madeKey }).toEqual({
      type: want.type,
      props: want.props,
      key: want.key,
    });
  });

  it('makes several children without asking for their keys', () => {
    const error = jest.spyOn(console, 'error');
    render(own.jsxs('p', { children: [own.jsx('b', { children: 'one' }), own.jsx('i', { children: 'two' })] }));
    expect(screen.getByText('one')).toBeInTheDocument();
    expect(error).not.toHaveBeenCalled();
    error.mockRestore();
  });
});
