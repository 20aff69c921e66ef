import { screen } from '@testing-library/react';

import { choose, openEditor, saved } from '../fixtures/editor';
import { AnnotationQueryEditor } from './AnnotationQueryEditor';

describe('the annotation editor', () => {
  it('offers detectors, and no format but the one that annotations are made of', async () => {
    const { user, onChange } = openEditor(
      { refId: 'Anno', queryType: 'alerts', format: 'table' },
      { Editor: AnnotationQueryEditor }
    );
    await choose(user, await screen.findByLabelText('Detector'), /^Fast flux/);
    expect(saved(onChange)).toEqual({ refId: 'Anno', queryType: 'fastFlux', format: 'table' });
    expect(screen.queryByRole('radiogroup', { name: 'Format' })).not.toBeInTheDocument();
    expect(screen.queryByRole('radio', { name: 'Table' })).not.toBeInTheDocument();
  });
});
