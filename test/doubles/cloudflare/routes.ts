// The calls of the v4 API that the double knows, from method and path to what a zone does.
import { invalidBody, methodNotAllowed, noRoute } from './api-error.ts';
import type { DoubleAccess } from './double-access.ts';
import type { DoubleZone } from './double-zone.ts';
import { ID, readBatch, readPatch, readPost, readQuery } from './request-schema.ts';

export type Call = {
  readonly method: string;
  readonly url: URL;
  readonly authorization: string | undefined;
  readonly body: string;
};

export type Reply = { readonly result: unknown; readonly result_info?: object; readonly messages?: readonly object[] };

export type Routes = { readonly access: DoubleAccess; readonly zones: ReadonlyMap<string, DoubleZone> };

export const BASE_PATH = '/client/v4';

/** Throws ApiError for whatever the API refuses. */
export function route(call: Call, { access, zones }: Routes): Reply {
  access.count();
  const path = call.url.pathname;
  if (!path.startsWith(BASE_PATH)) throw noRoute(path);
  const [first, id = '', third, fourth, ...more] = path.slice(BASE_PATH.length + 1).split('/');
  const token = access.tokenOf(call.authorization);
  if (first === 'user' && id === 'tokens' && third === 'verify' && fourth === undefined) {
    onlyGet(call);
    const messages = [{ code: 10000, message: 'This API Token is valid and active', type: null }];
    return { result: { id: '0'.repeat(32), status: access.verify(token).status }, messages };
  }
  if (first !== 'zones' || !ID.test(id) || more.length > 0) throw noRoute(path);
  if (third === undefined) {
    access.demand(token, { zone: id, permission: 'zone:read' });
    onlyGet(call);
    const { name, plan } = zoneAt(zones, { id, path });
    return { result: { id, name, status: 'active', paused: false, type: 'full', plan: { legacy_id: plan } } };
  }
  if (third !== 'dns_records') throw noRoute(path);
  access.demand(token, { zone: id, permission: call.method === 'GET' ? 'dns:read' : 'dns:edit' });
  const zone = zoneAt(zones, { id, path });
  if (fourth === undefined) return onRecords(call, zone);
  if (fourth === 'batch') return onBatch(call, zone);
  if (!ID.test(fourth)) throw noRoute(path);
  return onRecord(call, zone, fourth);
}

function onRecords(call: Call, zone: DoubleZone): Reply {
  switch (call.method) {
    case 'GET':
      return zone.list(readQuery(call.url.searchParams));
    case 'POST':
      return { result: zone.add(readPost(json(call))) };
    default:
      throw methodNotAllowed();
  }
}

function onBatch(call: Call, zone: DoubleZone): Reply {
  if (call.method !== 'POST') throw methodNotAllowed();
  return { result: zone.batch(readBatch(json(call))) };
}

function onRecord(call: Call, zone: DoubleZone, id: string): Reply {
  switch (call.method) {
    case 'GET':
      return { result: zone.get(id) };
    case 'PATCH':
      return { result: zone.edit(id, readPatch(json(call))) };
    case 'PUT':
      return { result: zone.overwrite(id, readPost(json(call))) };
    case 'DELETE':
      zone.remove(id);
      return { result: { id } };
    default:
      throw methodNotAllowed();
  }
}

function zoneAt(zones: Routes['zones'], { id, path }: { readonly id: string; readonly path: string }): DoubleZone {
  const zone = zones.get(id);
  if (zone === undefined) throw noRoute(path);
  return zone;
}

function onlyGet({ method }: Call): void {
  if (method !== 'GET') throw methodNotAllowed();
}

function json({ body }: Call): unknown {
  try {
    return JSON.parse(body);
  } catch {
    throw invalidBody('it is no JSON');
  }
}
