// The small part of XML 1.0 that the REST-XML protocol uses: elements, text, attributes, the five named entities and numeric
// ones. No DTD, no CDATA, no processing beyond the declaration, and a bound on depth.
import { err, ok, type Result } from '../../../src/base/result.ts';

export type XmlElement = {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly XmlElement[];
  /** Text directly inside this element. */
  readonly text: string;
};

type Open = { name: string; attributes: Record<string, string>; children: XmlElement[]; text: string };

const DEPTH_MAX = 20;
const TOKEN =
  /<\?xml[^>]*\?>|<!--[\s\S]*?-->|<(?<close>\/?)(?<name>[A-Za-z_][\w.:-]*)(?<rest>(?:\s+[\w.:-]+\s*=\s*(?:"[^"<]*"|'[^'<]*'))*)\s*(?<empty>\/?)>|(?<text>[^<]+)/gy;

export function parseXml(source: string): Result<XmlElement, string> {
  const open: Open[] = [{ name: '', attributes: {}, children: [], text: '' }];
  TOKEN.lastIndex = 0;
  for (let position = 0; position < source.length; position = TOKEN.lastIndex) {
    TOKEN.lastIndex = position;
    const groups = TOKEN.exec(source)?.groups;
    if (TOKEN.lastIndex === 0) return err(`malformed at character ${position}`);
    const top = open.at(-1) as Open;
    if (groups?.text !== undefined) top.text += decode(groups.text);
    if (groups?.name === undefined) continue;
    if (groups.close === '/') {
      if (open.length < 2 || top.name !== groups.name) return err(`</${groups.name}> closes nothing`);
      open.pop();
      continue;
    }
    const element: Open = { name: groups.name, attributes: readAttributes(groups.rest ?? ''), children: [], text: '' };
    top.children.push(element);
    if (groups.empty !== '/') open.push(element);
    if (open.length > DEPTH_MAX) return err(`deeper than ${DEPTH_MAX} elements`);
  }
  const [root] = open;
  if (open.length > 1 || root?.children.length !== 1 || root.text.trim() !== '')
    return err('expected one whole element');
  return ok(root.children[0] as XmlElement);
}

/** An element around text or around other rendered elements, which are given as they are. */
export function renderElement(name: string, inner: string, attributes: Readonly<Record<string, string>> = {}): string {
  const listed = Object.entries(attributes).map(([key, value]) => ` ${key}="${escapeXml(value)}"`);
  return `<${name}${listed.join('')}>${inner}</${name}>`;
}

export function escapeXml(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}

const NAMED: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

function decode(text: string): string {
  return text.replace(/&(?:#x([0-9a-fA-F]{1,6})|#([0-9]{1,7})|(\w+));/g, (whole, hex, decimal, name) => {
    if (name !== undefined) return NAMED[name] ?? whole;
    return String.fromCodePoint(hex === undefined ? Number(decimal) : Number.parseInt(hex, 16));
  });
}

function readAttributes(text: string): Record<string, string> {
  const found = text.matchAll(/([\w.:-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g);
  return Object.fromEntries(Array.from(found, ([, key = '', double, single]) => [key, decode(double ?? single ?? '')]));
}
