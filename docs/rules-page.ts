// The page of the rules by which oneup refuses or holds something: every id that can be printed, what it means, what to do.
// The compiler holds the table to the list of ids; `npm run docs` writes docs/rules.md from it.
import type { RuleId } from '../src/failover/refusal.ts';
import { RULES_OF_RELOADS } from './rules-of-reloads.ts';
import { RULES_OF_SETS } from './rules-of-sets.ts';

type Explanation = { readonly meaning: string; readonly remedy: string };

const RULES: Readonly<Record<RuleId, Explanation>> = {
  ...RULES_OF_RELOADS,
  ...RULES_OF_SETS,
  'S10.one-operation': {
    meaning: 'A service has one operation at a time, and this one is still under way; it never expires by time',
    remedy: 'Wait for it; `oneup why` says what it waits for',
  },
  'S17.proof-missing': {
    meaning: 'Nothing has proven that the node is down: no stop was acknowledged and no fence level was confirmed',
    remedy:
      'The ladder is tried again. Repair the device, or look yourself and give your word with `oneup confirm-down`',
  },
  'S17.start-in-flight': {
    meaning: 'The running operation is starting this node, so nobody can truthfully say that it is down',
    remedy: 'Wait until the start has ended; if it fails, the operation stops or fences the node itself',
  },
  'S17.still-answering': {
    meaning: 'A prober sees the node answering as active, whatever was said or recorded about it',
    remedy: 'Stop the instance that runs there',
  },
  'S19.breadcrumb-changed': {
    meaning: 'What is recorded of the node has changed since you looked, so your word was about something else',
    remedy: 'Look again with `oneup status` and repeat the command if it is still true',
  },
  'S20.no-fence-ladder': {
    meaning: 'The node does not stop and has no fence level that could prove it down, so nothing else may start',
    remedy: 'Make sure that it is down and run `oneup confirm-down`; configure `actions.fence` for the next time',
  },
  'S22.references-lost': {
    meaning: 'Every prober has lost all of its reference targets and abstains: nobody would notice a death',
    remedy: 'Look at the network of the probers and at `cluster.references`',
  },
  'S24.quorum-pending': {
    meaning:
      'Too few probers have a valid vote on the node; a missing vote is not a yes. No planned move begins, and a target that was started waits to be verified',
    remedy: 'Look at the node and at the votes in `oneup status`; start the probers that are away',
  },
  'S25.standby-unhealthy': {
    meaning:
      'A quorum holds that a warm standby fails its standby check: no planned move goes there, and a failover takes it last',
    remedy: 'Repair the standby; `oneup why` shows what each prober sees',
  },
  'S25.status-unanswered': {
    meaning:
      'The status action of a node gave no answer several times in a row: nobody would hear of a second instance there',
    remedy: 'Run the action by hand; what keeps it from answering may keep a stop from being acknowledged, too',
  },
  'S27.dns-drift': {
    meaning:
      'Somebody else has changed the record; what is not ours is not touched. No planned move begins while the active node is well, because DNS would not follow it',
    remedy:
      'Find out who changed it; then oneup zone repair SERVICE writes it again as it was. A forced failover may set the rule aside',
  },
  'S27.store-went-back': {
    meaning:
      'The provider holds a write that is newer than everything in the store, for two controllers in a row. No planned move begins while the active node is well',
    remedy: 'The store is an old one: restore the newer, or remove the record by hand and run `oneup reload`',
  },
  'S32.precheck-failed': {
    meaning: 'The target said that it is not ready before anything was touched, or it could not be synchronised',
    remedy: 'Make the node ready; its precheck action says when it is',
  },
  'S35.maintenance': {
    meaning: 'The service or the node is in maintenance: nothing is started, stopped, fenced or moved there',
    remedy: 'End it with `oneup maintenance off`',
  },
  'S35.maintenance-expired': {
    meaning: 'The maintenance should be over by its own word, and the active is down; nothing begins by itself',
    remedy: 'End it with `oneup maintenance off`, then decide',
  },
  'S34.operation-too-old': {
    meaning: 'The operation has been at work for longer than `failover.opMaxAge` and stands still after its step',
    remedy: 'See with `oneup why` what it waits for, then let it go on with `oneup continue`',
  },
  'S36.active-unwell': {
    meaning: 'The active node is down or suspected, so the standby whose fence was to be tested may be needed',
    remedy: 'Wait until the active is up, or move the service first',
  },
  'S36.budget': {
    meaning: 'Too many automatic operations within `failover.budget`; failing over again and again cures nothing',
    remedy: 'Find the cause; a switchover by hand is not held by the budget',
  },
  'S36.cooldown': {
    meaning: 'The last automatic operation is younger than `failover.cooldown`',
    remedy: 'It goes on by itself afterwards; a switchover by hand is not held by the cooldown',
  },
  'S36.host-serves': {
    meaning: 'Another service is active on the machine whose fence was to be tested (a node with the same `address`)',
    remedy: 'Move that service to another machine first',
  },
  'S36.mass-failure': {
    meaning: 'Many hosts with an active node are down at once: more likely the network of the probers than the hosts',
    remedy: 'Look for the common cause; a switchover by hand is possible',
  },
  'S36.rejoin-needed': {
    meaning: 'The node failed or was fenced in an operation and comes back by a decision only',
    remedy: 'Repair it, then run `oneup rejoin`',
  },
  'S9.startup-grace': {
    meaning: 'The controller is new and looks for a while before it decides anything by itself',
    remedy: 'Wait; it goes on by itself',
  },
  'adopt.not-running': {
    meaning: 'No prober sees the node answering as active, so there is nothing to take over',
    remedy: 'Start it with `oneup switchover`',
  },
  'adopt.two-running': {
    meaning: 'Another node answers as active or holds the grant',
    remedy: 'Stop all instances but one, or use `oneup switchover`',
  },
  'automatic.off': {
    meaning: '`failover.automatic` is false for this service',
    remedy: 'Decide yourself with `oneup switchover`',
  },
  'candidate.none': {
    meaning: 'No other node can be started; the reason names each of them and what is in its way',
    remedy: 'Do what the reason of one of them asks for, most often `oneup rejoin`',
  },
  'failback.preferred-is-active': {
    meaning: 'The preferred node is the active one already',
    remedy: 'Nothing to do',
  },
  'maintenance.active-node': {
    meaning: 'The active node cannot go into maintenance alone',
    remedy: 'Move the service first, or put the whole service in maintenance',
  },
  'maintenance.not-set': { meaning: 'The service or the node is not in maintenance', remedy: 'Nothing to do' },
  'node.is-active': { meaning: 'The node is the active one already', remedy: 'Name another node, or nothing to do' },
  'node.never': {
    meaning: 'The node has a priority of zero or less and is never made active, by nobody',
    remedy: 'Give it a priority of 1 or more if it should be',
  },
  'node.not-failed': { meaning: 'The node is not marked as failed', remedy: 'Nothing to do' },
  'node.unknown': { meaning: 'The service has no node of this name', remedy: 'Use one of the names in the reason' },
  'switchover.from-differs': {
    meaning: 'The node that you want to leave is not the active one: you may have an old picture',
    remedy: 'Look at `oneup status` and name the active node',
  },
  'switchover.running-elsewhere': {
    meaning: 'An instance answers that oneup did not start, and no node holds the grant',
    remedy: 'Take it over with `oneup adopt`, or stop it',
  },
  'S10.operation-differs': {
    meaning: 'The operation that you named is not the one that is running; perhaps it has just ended',
    remedy: 'Look again with `oneup status`',
  },
  'S34.past-return': {
    meaning:
      'The operation has begun to stop nodes: from there on it is rolled back or goes on, it cannot be forgotten',
    remedy: 'Use `oneup rollback`, or let it go on',
  },
  'S34.no-rollback': {
    meaning: 'There is no node to go back to: nothing was stopped yet, the old node was fenced, or it was down already',
    remedy: 'Before anything is stopped use `oneup abort`; afterwards let it go on with `oneup continue`',
  },
  'S35.frozen': {
    meaning: 'An operator has frozen the service: a step in flight ends, then everything stands still, DNS too',
    remedy: 'Release it with `oneup freeze off`',
  },
  'S36.failure-threshold': {
    meaning: 'The node failed as often as `failover.failureThreshold` allows within its time',
    remedy: 'Find the cause, then run `oneup clear-failures`; a forced failover may set it aside',
  },
  'assertion.startable': {
    meaning: 'Fewer nodes could be started than `safety.minStartable` asks for',
    remedy: 'Make another node startable; a forced failover may set it aside',
  },
  'candidate.lagging': {
    meaning: 'The node is further behind than `failover.maxLag`, as its precheck says',
    remedy: 'Wait until it has caught up; a forced failover may set it aside and lose what is missing',
  },
  'conflict.several-running': {
    meaning:
      'More than one node answers as active. Whoever holds the grant is kept, the others are stopped, then fenced. Where nobody holds it, only what most probers see is stopped',
    remedy: 'Find out who started them; in maintenance or with `conflict: freeze` stop them yourself',
  },
  'dns.write-failed': {
    meaning:
      'The record could not be written; the message says why and with which code of the error list. The new active node stays and no failover waits for it; a planned move does not begin until a write has succeeded',
    remedy: 'Follow the remedy of the code; the write is tried again by itself',
  },
  'dns.laggards': {
    meaning: 'Some name servers did not answer anew after the last cutover and may still serve the old answer',
    remedy: 'Look at the name servers that are named',
  },
  'drill.outside-window': {
    meaning: 'A live drill of a service with a failback window begins inside of it only',
    remedy: 'Wait for the window, or run a switchover',
  },
  'exhausted.no-node': {
    meaning: 'Every node that could have taken the service has failed; nothing is started any more',
    remedy: 'Repair a node and bring it back with `oneup rejoin`',
  },
  'gate.closed': {
    meaning: 'A person has closed a gate of the service: no move begins',
    remedy: 'Open it with `oneup gate open`; a forced failover may set it aside',
  },
  'gate.unknown': {
    meaning: 'The service has no gate of that name',
    remedy: 'Name one of `safety.gates`',
  },
  'override.not-allowed': {
    meaning: 'This rule protects the data and cannot be set aside by anybody',
    remedy: 'Name only rules that the message lists',
  },
  'schedule.bad-time': {
    meaning: 'A switchover can be scheduled for a time to come, at most a year ahead',
    remedy: 'Name another time',
  },
  'schedule.missed': {
    meaning: 'No controller was there at the time of the scheduled switchover, and nobody expects it any more',
    remedy: 'Schedule it again, or switch over now',
  },
  'schedule.none': {
    meaning: 'No switchover is scheduled',
    remedy: 'Nothing to do',
  },
  'schedule.one-only': {
    meaning: 'A service has one scheduled switchover at a time',
    remedy: 'Cancel it with `oneup switchover --cancel` first',
  },
  'S17.confirmed-but-answers': {
    meaning: 'A person said that the active node is down, so its grant is revoked, and it answers all the same',
    remedy: 'Take it over again with `oneup adopt`, or stop it',
  },
  'service.unassigned': {
    meaning: 'No node is active, none has failed, and nothing will start one by itself',
    remedy: 'Start one with `oneup switchover`, or take one over with `oneup adopt`',
  },
  'target.unreachable': {
    meaning:
      'No prober reaches the host of the node, and its precheck fails: a move there would be an outage for nothing',
    remedy: 'Look at the host; a forced failover may set it aside',
  },
  'target.answering': {
    meaning: 'The target answers as active although it holds no grant',
    remedy: 'Stop that instance, or take it over with `oneup adopt`',
  },
};

/** The page as Markdown, ids in alphabetical order. */
export function rulesPage(): string {
  const rows = Object.entries(RULES)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([id, { meaning, remedy }]) => `| \`${id}\` | ${meaning}. | ${remedy}. |`);
  return `${HEAD}${rows.join('\n')}\n`;
}

const HEAD = `# Rules that refuse or hold

Generated from \`docs/rules-page.ts\` by \`npm run docs\`. \`oneup why\`, \`oneup status\` and every refusal print one of these ids
with the figures of the case. An id that begins with S and a number enforces that rule of [the safety rules](safety.md).

| id | what it means | what to do |
|---|---|---|
`;
