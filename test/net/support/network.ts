// Two bridges with a cable to each host, and the faults of both: what is dropped, from whom to whom, and how often. A rule
// stands at the receiver and names the sender, so that every fault has a direction.
import { appendFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { bootMs } from './boot-clock.ts';
import { DelaySwitch } from './delay-switch.ts';
import { HOSTS, type HostName, LINK_NAMES, LINKS, type LinkName } from './hosts.ts';
import { addNamespace, namespaceOf, removeLeftovers, removeNamespace } from './namespaces.ts';
import { runProgram } from './run-program.ts';

/** Percent of the packets from one host to another that are lost. */
type Loss = { readonly link: LinkName; readonly from: HostName; readonly to: HostName; readonly percent: number };

const SWITCH = 'switch';
const PERCENT_ALL = 100;

export type NetworkOptions = {
  /** A file that gets a line for each change of the network. */
  readonly log: string;
  /** The main network can be slow: a switch in user space takes the place of its bridge [false]. */
  readonly canDelay?: boolean;
};

export class Network implements AsyncDisposable {
  #losses: readonly Loss[] = [];
  readonly #log: string;
  #delays: DelaySwitch | null = null;

  private constructor(log: string) {
    this.#log = log;
  }

  static async create({ log, canDelay = false }: NetworkOptions): Promise<Network> {
    await removeLeftovers();
    const network = new Network(log);
    try {
      for (const host of [SWITCH, ...HOSTS]) addNamespace(host);
      if (canDelay) network.#delays = await startDelays(dirname(log));
      for (const link of LINK_NAMES) {
        if (link === 'fence' || !canDelay) buildBridge(link);
        setAddresses(link);
      }
      network.#apply();
      return network;
    } catch (error) {
      await network[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Nothing passes from any of `from` to any of `to` [in both directions]. */
  cut(from: readonly HostName[], to: readonly HostName[], options: { isOneWay?: boolean; link?: LinkName } = {}): void {
    this.lose(PERCENT_ALL, from, to, options);
  }

  lose(
    percent: number,
    from: readonly HostName[],
    to: readonly HostName[],
    { isOneWay = false, link = 'main' }: { readonly isOneWay?: boolean; readonly link?: LinkName } = {},
  ): void {
    const there = pairs(from, to).map(([one, other]) => ({ link, from: one, to: other, percent }));
    const back = isOneWay ? [] : there.map((loss) => ({ ...loss, from: loss.to, to: loss.from }));
    this.#losses = [...this.#losses, ...there, ...back];
    this.#apply();
  }

  /** Alone on the main network; the link of the fence device stays. */
  isolate(...hosts: readonly HostName[]): void {
    this.cut(
      hosts,
      HOSTS.filter((host) => !hosts.includes(host)),
    );
  }

  /** How long every packet of the main network takes. */
  delay(delayMs: number): void {
    if (this.#delays === null) throw new Error('Cannot delay packets: this network was made without canDelay');
    this.#delays.setDelay(delayMs);
  }

  heal(): void {
    this.#delays?.setDelay(0);
    this.#losses = [];
    this.#apply();
  }

  #apply(): void {
    for (const host of HOSTS) {
      const rules = this.#losses.filter((loss) => loss.to === host).flatMap(ruleOf);
      runProgram('ip', ['netns', 'exec', namespaceOf(host), 'nft', '-f', '-'], { input: ruleset(rules) });
    }
    const words = this.#losses.map(({ link, from, to, percent }) => `${link}:${from}>${to}:${percent}`);
    appendFileSync(this.#log, `${bootMs()} ${words.join(' ')}\n`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#delays?.[Symbol.asyncDispose]();
    for (const host of [...HOSTS, SWITCH]) await removeNamespace(host);
  }
}

function buildBridge(link: LinkName): void {
  const centre = namespaceOf(SWITCH);
  runProgram('ip', ['-n', centre, 'link', 'add', link, 'type', 'bridge']);
  runProgram('ip', ['-n', centre, 'link', 'set', link, 'up']);
  for (const host of HOSTS) {
    const address = LINKS[link][host];
    if (address === undefined) continue;
    const own = namespaceOf(host);
    const port = `${link}-${host}`;
    const peer = ['type', 'veth', 'peer', 'name', port, 'netns', centre];
    runProgram('ip', ['link', 'add', link, 'netns', own, ...peer]);
    runProgram('ip', ['-n', centre, 'link', 'set', port, 'master', link, 'up']);
  }
}

function startDelays(folder: string): Promise<DelaySwitch> {
  return DelaySwitch.start(
    folder,
    HOSTS.filter((host) => LINKS.main[host] !== undefined),
  );
}

function setAddresses(link: LinkName): void {
  for (const host of HOSTS) {
    const address = LINKS[link][host];
    if (address === undefined) continue;
    runProgram('ip', ['-n', namespaceOf(host), 'addr', 'add', `${address}/24`, 'dev', link]);
    runProgram('ip', ['-n', namespaceOf(host), 'link', 'set', link, 'up']);
  }
}

function ruleOf({ link, from, percent }: Loss): readonly string[] {
  const address = LINKS[link][from];
  if (address === undefined) return [];
  const chance = percent >= PERCENT_ALL ? '' : `numgen random mod ${PERCENT_ALL} < ${percent} `;
  return [`iifname "${link}" ip saddr ${address} ${chance}drop`];
}

/** One transaction: there is no instant without rules. */
function ruleset(rules: readonly string[]): string {
  const chain = `chain faults { type filter hook input priority 0; policy accept;\n${rules.join('\n')}\n}`;
  return `table inet oneup {}\ndelete table inet oneup\ntable inet oneup {\n${chain}\n}\n`;
}

function pairs(from: readonly HostName[], to: readonly HostName[]): readonly (readonly [HostName, HostName])[] {
  return from.flatMap((one) => to.filter((other) => other !== one).map((other) => [one, other] as const));
}
