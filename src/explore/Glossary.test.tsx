import { render, screen } from '@testing-library/react';
import React from 'react';

import { catalog } from '../fixtures/contract';
import { Glossary } from './Glossary';

describe('the glossary', () => {
  it('explains columns that there are', () => {
    render(<Glossary />);
    const columns = new Set(catalog.detectors.flatMap((d) => d.columns.map((c) => c.name)));
    const words = screen.getAllByRole('paragraph').flatMap((p) => p.textContent?.split(':')[0].split(/,| and /) ?? []);
    expect(words.length).toBeGreaterThan(12);
    const named = ['Score', 'Jitter', 'Tenant', 'Risk', 'Severity', 'Why', 'Prevalence', 'ASN'];
    expect(words.map((word) => word.trim())).toEqual(expect.arrayContaining(named));
    for (const word of [...named, ...words.map((w) => w.trim()).filter((w) => /^[A-Z]\w*[A-Z]/.test(w))]) {
      expect(columns).toContain(word);
    }
  });
});
