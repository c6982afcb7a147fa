// The published model of the service, read from the installed package of Debian: what each operation takes and answers. It is
// read at test time and never copied here, so the double judges by what the vendor published.
import { existsSync, readFileSync } from 'node:fs';

export type Shape = {
  readonly type: 'structure' | 'list' | 'string' | 'long' | 'integer' | 'boolean' | 'timestamp';
  readonly required?: readonly string[];
  readonly members?: Readonly<Record<string, Member>>;
  readonly member?: Member;
  readonly enum?: readonly string[];
  readonly pattern?: string;
  readonly min?: number;
  readonly max?: number;
  readonly error?: { readonly httpStatusCode: number };
};

export type Member = {
  readonly shape: string;
  readonly location?: 'uri' | 'querystring';
  readonly locationName?: string;
};

export type Operation = {
  readonly name: string;
  readonly http: { readonly method: string; readonly requestUri: string };
  readonly input: {
    readonly shape: string;
    readonly locationName?: string;
    readonly xmlNamespace?: { readonly uri: string };
  };
  readonly output: { readonly shape: string };
};

export type Model = {
  readonly operations: Readonly<Record<string, Operation>>;
  readonly shapes: Readonly<Record<string, Shape>>;
};

const DEBIAN_PACKAGE = 'python3-botocore';
const PATH = '/usr/lib/python3/dist-packages/botocore/data/route53/2013-04-01/service-2.json';
export const NAMESPACE = 'https://route53.amazonaws.com/doc/2013-04-01/';

export function loadModel(): Model {
  if (!existsSync(PATH)) throw new Error(`Cannot read ${PATH}: install the Debian package ${DEBIAN_PACKAGE}`);
  return JSON.parse(readFileSync(PATH, 'utf8')) as Model;
}

export function shapeOf(model: Model, name: string): Shape {
  const shape = model.shapes[name];
  if (shape === undefined) throw new Error(`Cannot find the shape ${name} in the published model`);
  return shape;
}

export type Route = { readonly operation: Operation; readonly uri: Readonly<Record<string, string>> };

/** The operation of a request line, or null. A slash at the end of the path makes no difference: clients of both habits exist. */
export function findOperation(model: Model, method: string, path: string): Route | null {
  const words = split(path);
  for (const operation of Object.values(model.operations)) {
    if (operation.http.method !== method) continue;
    const pattern = split(operation.http.requestUri.split('?')[0] ?? '');
    if (pattern.length !== words.length) continue;
    const uri: Record<string, string> = {};
    const fits = pattern.every((word, index) => {
      if (!word.startsWith('{')) return word === words[index];
      uri[word.slice(1, -1)] = decodeURIComponent(words[index] ?? '');
      return true;
    });
    if (fits) return { operation, uri };
  }
  return null;
}

function split(path: string): readonly string[] {
  return path.split('/').filter((word) => word !== '');
}
