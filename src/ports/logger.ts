// What rooms with effects may say. One line per decision, data beside the message, no secrets.

export type Logger = {
  readonly debug: (data: object, message: string) => void;
  readonly info: (data: object, message: string) => void;
  readonly warn: (data: object, message: string) => void;
  readonly error: (data: object, message: string) => void;
  readonly child: (bindings: object) => Logger;
};
