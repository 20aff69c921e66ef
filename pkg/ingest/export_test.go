package ingest

import (
	"context"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse"
)

// Completion returns the statements by which Complete gives the source's landing tables what they lack.
func Completion(ctx context.Context, client *clickhouse.Client, n Names, source Source) ([]string, error) {
	s := store{client: client, database: n.Database}
	var statements []string
	for _, log := range source.Logs {
		found, err := s.completion(ctx, source, log.Name, n)
		if err != nil {
			return nil, err
		}
		statements = append(statements, found.statements...)
	}
	return statements, nil
}
