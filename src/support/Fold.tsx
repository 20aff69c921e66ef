import React, { PropsWithChildren, ReactNode, useState } from 'react';
import { Collapse } from '@grafana/ui';

interface Props {
  label: ReactNode;
}

/** A part that is folded away until somebody wants it. */
export function Fold({ label, children }: PropsWithChildren<Props>) {
  const [isOpen, setOpen] = useState(false);
  return (
    // Grafana 11 draws the arrow only where it is told to; later ones always do, and ignore it.
    // eslint-disable-next-line @typescript-eslint/no-deprecated
    <Collapse collapsible label={label} isOpen={isOpen} onToggle={() => setOpen(!isOpen)}>
      {children}
    </Collapse>
  );
}
