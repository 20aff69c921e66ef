import React from 'react';

import { EditorProps, QueryEditor } from '../query/QueryEditor';

/** The editor of an annotation's query: findings only, as a table. */
export function AnnotationQueryEditor(props: EditorProps) {
  return <QueryEditor {...props} fixedFormat="table" />;
}
