// Names of systemd units that are services, as systemd.unit(5) has them.
import { err, ok } from '../../base/result.ts';
import { textValue } from './text-value.ts';

const UNIT = /^[A-Za-z0-9:_.@][A-Za-z0-9:_.@\\-]{0,239}\.service$/;

export const unitText = textValue({ kind: 'systemd unit', expected: 'the name of a systemd unit' }, (text) =>
  UNIT.test(text)
    ? ok(text)
    : err({ reason: 'expected the name of a systemd service', remedy: 'Write a name such as azkaban-web.service' }),
);
