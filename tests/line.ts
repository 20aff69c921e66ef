import { connect, createServer, Server, Socket } from 'node:net';

/**
 * A line to ClickHouse that can be slow, or fall silent: connections then stay open and nothing comes back, as from a server that was stopped by
 * SIGSTOP or whose packets are lost.
 */
export class Line {
  private silent = false;
  private slow = 0;
  private readonly sockets = new Set<Socket>();

  private constructor(private readonly server: Server) {}

  /** Opens a line on loopback to host:port. */
  static async to(target: string): Promise<Line> {
    const [host, port] = target.split(':');
    const server = createServer();
    const line = new Line(server);
    server.on('connection', (near) => {
      const far = connect(Number(port), host);
      for (const [from, into] of [
        [near, far],
        [far, near],
      ]) {
        line.sockets.add(from);
        from.on('data', (data) => {
          if (line.slow > 0) {
            setTimeout(() => line.silent || into.destroyed || into.write(data), line.slow);
          } else if (!line.silent) {
            into.write(data);
          }
        });
        from.on('close', () => into.destroy());
        from.on('error', () => into.destroy());
      }
    });
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    return line;
  }

  get port(): number {
    const address = this.server.address();
    return typeof address === 'object' && address ? address.port : 0;
  }

  fallSilent(): void {
    this.silent = true;
  }

  /** From here on whatever is sent arrives so many milliseconds later, as from a server that has too much to do. */
  slowDown(milliseconds: number): void {
    this.slow = milliseconds;
  }

  async close(): Promise<void> {
    this.sockets.forEach((socket) => socket.destroy());
    await new Promise((closed) => this.server.close(closed));
  }
}
