import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import React from 'react';

import { Fold } from './Fold';

describe('a fold', () => {
  it('is closed at first, and opens and closes with the keyboard', async () => {
    const user = userEvent.setup({ delay: null });
    render(<Fold label="More">inside</Fold>);
    expect(screen.queryByText('inside')).not.toBeInTheDocument();
    await user.tab();
    expect(screen.getByRole('button', { name: 'More' })).toHaveFocus();
    await user.keyboard('{Enter}');
    expect(screen.getByText('inside')).toBeInTheDocument();
    await user.keyboard('{Enter}');
    expect(screen.queryByText('inside')).not.toBeInTheDocument();
  });
});
