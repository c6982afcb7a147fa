// The one error of the wire format: bytes that no ZooKeeper server sends.

export class JuteError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'JuteError';
  }
}
