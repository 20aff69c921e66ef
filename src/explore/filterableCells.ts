import { DataFrame, FieldType } from '@grafana/data';

import { Catalog, filterableColumns, filterableColumnsOf, QueryTypeSpec } from '../catalog';

/** What Grafana's buttons in a cell, filter for and filter out, can ask with: they know `=` and `!=` of one value. */
const FILTERABLE_TYPES = [FieldType.string, FieldType.number];

/**
 * Lets the cells of columns that events have be filtered for and out: Explore changes the query, a dashboard its filters. Of findings
 * that Explore shows, the severity too; a dashboard's filters are those of panels that show events as well.
 */
export function withFilterableCells(frame: DataFrame, catalog: Catalog, explored?: QueryTypeSpec): DataFrame {
  const columns = explored ? filterableColumnsOf(catalog, explored) : filterableColumns(catalog);
  const fields = frame.fields.map((field) =>
    columns.includes(field.name) && FILTERABLE_TYPES.includes(field.type)
      ? { ...field, config: { ...field.config, filterable: true } }
      : field
  );
  return { ...frame, fields };
}
