// What is answered to forced moves, schedules, drills, orders to a running operation, and to what moves nothing.
import { BUSY, type CommandRow, OK } from './command-situations.ts';

export const OPERATOR_COMMANDS: readonly CommandRow[] = [
  {
    command: { kind: 'failover', to: 'b', overrides: [], reason: 'x' },
    replies: { active: OK, running: BUSY, maintenance: 'S35.maintenance', failed: 'S36.rejoin-needed', idle: OK },
  },
  {
    command: { kind: 'failover', to: 'b', overrides: ['S17.proof-missing'], reason: 'x' },
    replies: { active: 'override.not-allowed' },
  },
  {
    command: { kind: 'failover', to: 'b', overrides: ['S36.cooldown'], reason: 'x' },
    replies: { active: OK, onB: 'node.is-active', nodeWork: 'S35.maintenance', idleUp: 'switchover.running-elsewhere' },
  },
  { command: { kind: 'failover', to: 'z', overrides: [], reason: 'x' }, replies: { active: 'node.unknown' } },
  {
    command: { kind: 'schedule', from: null, to: 'b', atWallMs: 1_767_229_200_000, reason: 'x' },
    replies: { active: OK, running: OK, maintenance: OK },
  },
  {
    command: { kind: 'schedule', from: 'b', to: null, atWallMs: 9e15, reason: 'x' },
    replies: { active: 'switchover.from-differs' },
  },
  {
    command: { kind: 'schedule', from: null, to: 'z', atWallMs: 9e15, reason: 'x' },
    replies: { active: 'node.unknown' },
  },
  {
    command: { kind: 'schedule', from: null, to: null, atWallMs: 1, reason: 'x' },
    replies: { active: 'schedule.bad-time' },
  },
  {
    command: { kind: 'schedule', from: null, to: null, atWallMs: 9e15, reason: 'x' },
    replies: { active: 'schedule.bad-time' },
  },
  { command: { kind: 'unschedule', reason: 'x' }, replies: { active: 'schedule.none', running: 'schedule.none' } },
  {
    command: { kind: 'drill', live: true, to: null, holdMs: 0, reason: 'x' },
    replies: { active: OK, running: BUSY, idle: 'adopt.not-running', failed: 'candidate.none' },
  },
  {
    command: { kind: 'drill', live: false, to: null, holdMs: 0, reason: 'x' },
    replies: { active: OK, running: BUSY, maintenance: 'S35.maintenance', idle: OK },
  },
  {
    command: { kind: 'abort', opId: 'other', reason: 'x' },
    replies: { active: 'S10.operation-differs', running: 'S10.operation-differs' },
  },
  {
    command: { kind: 'rollback', opId: 'other', reason: 'x' },
    replies: { active: 'S10.operation-differs', running: 'S10.operation-differs' },
  },
  {
    command: { kind: 'continue', opId: 'other', reason: 'x' },
    replies: { active: 'S10.operation-differs', running: 'S10.operation-differs' },
  },
  { command: { kind: 'freeze', on: true, reason: 'x' }, replies: { active: OK, running: OK, maintenance: OK } },
  { command: { kind: 'freeze', on: false, reason: 'x' }, replies: { active: 'maintenance.not-set' } },
  { command: { kind: 'gate', gate: 'release', open: false, reason: 'x' }, replies: { active: 'gate.unknown' } },
  { command: { kind: 'ack', reason: 'x' }, replies: { active: OK, running: OK, maintenance: OK, failed: OK } },
  { command: { kind: 'clearFailures', node: null, reason: 'x' }, replies: { active: OK, running: OK } },
  { command: { kind: 'clearFailures', node: 'z', reason: 'x' }, replies: { active: 'node.unknown' } },
  {
    command: { kind: 'repair', node: 'b', rootCause: null, reason: 'x' },
    replies: { active: 'node.not-failed', failed: OK, running: 'node.not-failed' },
  },
  { command: { kind: 'repair', node: 'z', rootCause: null, reason: 'x' }, replies: { active: 'node.unknown' } },
];
