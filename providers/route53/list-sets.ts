// Lists what stands at some names, and little else: a list begins at a name and goes in the order of Route 53, in which all
// names below a name follow it. One page mostly holds a managed name and its ownership TXT, which saves a call.
import { ListResourceRecordSetsCommand, type ResourceRecordSet } from '@aws-sdk/client-route-53';
import type { DomainName } from '../../src/base/ids.ts';
import { err, ok, type Result } from '../../src/base/result.ts';
import { type CallError, unreadableAnswer } from './call.ts';
import { listOrder, toRoute53Name } from './record-name.ts';

/** "ListResourceRecordSets": the most that one page holds. */
const PAGE_SETS = 300;
/** A name has a few sets, at most some hundreds in weighted groups; more pages than this hold something else. */
const PAGES_MAX = 20;

export type ListPage = (command: ListResourceRecordSetsCommand) => Promise<Result<Page, CallError>>;

type Page = {
  readonly ResourceRecordSets?: readonly ResourceRecordSet[] | undefined;
  readonly IsTruncated?: boolean | undefined;
  readonly NextRecordName?: string | undefined;
  readonly NextRecordType?: ResourceRecordSet['Type'] | undefined;
  readonly NextRecordIdentifier?: string | undefined;
};

export async function listSets(
  hostedZoneId: string,
  names: readonly DomainName[],
  listPage: ListPage,
): Promise<Result<readonly ResourceRecordSet[], CallError>> {
  const wanted = [...new Set(names.map(toRoute53Name))].toSorted((left, right) =>
    compare(listOrder(left), listOrder(right)),
  );
  const found: ResourceRecordSet[] = [];
  let position: Page = {};
  for (let pages = 0; wanted.length > 0; pages += 1) {
    if (pages >= PAGES_MAX + names.length) return err({ error: new Error('the list does not end'), isSent: false });
    const page = await listPage(pageCommand(hostedZoneId, wanted[0] ?? '', position));
    if (!page.ok) return page;
    const { ResourceRecordSets: sets, IsTruncated: isTruncated, NextRecordName: next } = page.value;
    if (sets === undefined || (isTruncated === true && next === undefined))
      return err(unreadableAnswer('no list in the answer'));
    found.push(...sets.filter(({ Name = '' }) => wanted.includes(Name)));
    if (isTruncated !== true || next === undefined) break;
    // What sorts before the next page has been seen whole.
    while (wanted.length > 0 && compare(listOrder(wanted[0] ?? ''), listOrder(next)) < 0) wanted.shift();
    position = wanted[0] === next ? page.value : {};
  }
  return ok(found);
}

function pageCommand(HostedZoneId: string, name: string, { NextRecordType, NextRecordIdentifier }: Page) {
  return new ListResourceRecordSetsCommand({
    HostedZoneId,
    StartRecordName: name,
    MaxItems: PAGE_SETS,
    ...(NextRecordType === undefined ? {} : { StartRecordType: NextRecordType }),
    ...(NextRecordIdentifier === undefined ? {} : { StartRecordIdentifier: NextRecordIdentifier }),
  });
}

function compare(left: string, right: string): number {
  return left === right ? 0 : left < right ? -1 : 1;
}
