import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import React from 'react';

import { findQueryType } from '../catalog';
import { catalog, huntingLibrary, tableColumns } from '../fixtures/contract';
import { dataSource, resourceFault } from '../fixtures/datasource';
import { HuntingQuestions } from './HuntingQuestions';

const { questions } = huntingLibrary;
const [first] = questions;

function open(answers = {}) {
  const onUse = jest.fn();
  render(<HuntingQuestions datasource={dataSource(answers).datasource} onUse={onUse} />);
  return { onUse, user: userEvent.setup() };
}

describe('the hunting questions', () => {
  it('say what a question is for, what is normal and how to read it, and put it into the editor', async () => {
    const { onUse, user } = open();
    await user.click(await screen.findByText(first.group));
    expect(await screen.findByText(first.purpose)).toBeInTheDocument();
    expect(screen.getByText(new RegExp(first.normal.text.slice(0, 30)))).toBeInTheDocument();
    expect(screen.getByText(new RegExp(first.read.slice(0, 30)))).toBeInTheDocument();
    await user.click(screen.getByRole('button', { name: `Use the question: ${first.title}` }));
    expect(onUse).toHaveBeenCalledWith(first.query);
  });

  it('link to the techniques of a question', async () => {
    const { user } = open();
    await user.click(await screen.findByText(first.group));
    const [technique] = first.techniques;
    const links = await screen.findAllByRole('link', { name: new RegExp(`^${technique.id.replace('.', '\\.')} `) });
    expect(links[0]).toHaveAttribute('href', technique.url);
  });

  it('say so when they could not be read', async () => {
    open({ hunting: resourceFault(500, { message: 'no library' }) });
    expect(await screen.findByText('The hunting questions could not be read')).toBeInTheDocument();
    expect(screen.getByText('no library')).toBeInTheDocument();
  });

  it.each(questions.map(({ id, query }) => [id, query] as const))(
    'have a query that an editor can show: %s',
    (_, query) => {
      const spec = findQueryType(catalog, query.queryType);
      expect(spec?.formats).toContain(query.format);
      for (const name of Object.keys(query.params ?? {})) {
        expect(spec?.params.map((p) => p.name)).toContain(name);
      }
      for (const { column, operator } of query.filters ?? []) {
        expect(tableColumns.columns.find((c) => c.name === column)?.operators).toContain(operator);
      }
    }
  );
});
