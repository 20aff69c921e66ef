package host

import (
	"context"
	"errors"
	"fmt"
	"io"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

var (
	// ErrStart says that the executable did not become a plugin that answers.
	ErrStart = errors.New("the plugin could not be started")
	// ErrGone says that the plugin's process has ended or does not answer any more; start it again.
	ErrGone = errors.New("the plugin's process is gone")
	// ErrNotImplemented says that the plugin does not serve this call.
	ErrNotImplemented = errors.New("the plugin does not implement this call")
)

func (h *Host) startError(ctx context.Context, executable string, err error) error {
	if ctx.Err() != nil {
		err = ctx.Err()
	}
	if said := h.stderr.String(); said != "" {
		return fmt.Errorf("%w: %s: %w\nThe last that it wrote:\n%s", ErrStart, executable, err, said)
	}
	return fmt.Errorf("%w: %s: %w", ErrStart, executable, err)
}

// callError turns gRPC's status into an error that errors.Is understands.
func callError(call string, err error) error {
	if errors.Is(err, io.EOF) {
		return fmt.Errorf("%s: the plugin ended its answer before it began", call)
	}
	s := status.Convert(err)
	cause, known := map[codes.Code]error{
		codes.Canceled:         context.Canceled,
		codes.DeadlineExceeded: context.DeadlineExceeded,
		codes.Unavailable:      ErrGone,
		codes.Unimplemented:    ErrNotImplemented,
	}[s.Code()]
	if !known {
		return fmt.Errorf("%s: %w", call, err)
	}
	return fmt.Errorf("%s: %w: %s", call, cause, s.Message())
}
