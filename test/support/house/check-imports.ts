// Judges imports by the import table: who may reach for what, with which packages, and that no circle closes.
import { posix } from 'node:path';
import { IMPORT_TABLE, type Room, WIRING } from './import-table.ts';
import type { Offence } from './offence.ts';
import { type Import, scanImports } from './scan-imports.ts';
import type { SourceFile } from './source-tree.ts';

/** Every import of `files` that the table does not allow, and every circle among them. */
export function checkImports(files: readonly SourceFile[]): readonly Offence[] {
  const known = new Set(files.map(({ path }) => path));
  const imports = files.flatMap(scanImports);
  return [
    ...files.flatMap(checkPlace),
    ...imports.flatMap((found) => checkImport(found, known)),
    ...findCircles(imports),
  ];
}

/** The room of a path: the most specific row of the table, or null where the table has no sentence for it. */
function roomOf(path: string): Room | null {
  let best: Room | null = null;
  for (const room of IMPORT_TABLE) {
    if (isInside(path, room.folder) && room.folder.length > (best?.folder.length ?? 0)) best = room;
  }
  return best;
}

function isInside(path: string, folder: string): boolean {
  if (folder.endsWith('/*.ts')) return posix.dirname(path) === posix.dirname(folder);
  if (!folder.endsWith('/*')) return path === folder || path.startsWith(`${folder}/`);
  const rest = path.slice(folder.length - 1);
  return path.startsWith(folder.slice(0, -1)) && rest.includes('/');
}

/** Folder of the kind a file belongs to (`src/store/sqlite`), or of its room where the room has no kinds. */
function kindOf(path: string, room: Room): string {
  return room.folder.endsWith('/*') ? path.split('/').slice(0, room.folder.split('/').length).join('/') : room.folder;
}

function checkPlace({ path }: SourceFile): readonly Offence[] {
  if (roomOf(path) !== null) return [];
  return [{ file: path, line: 1, rule: 'This folder has no sentence in the import table; every room has one.' }];
}

function checkImport(found: Import, known: ReadonlySet<string>): readonly Offence[] {
  const room = roomOf(found.file);
  if (room === null) return [];
  const reason = refusal(found, room, known);
  if (reason === null) return [];
  return [{ file: found.file, line: found.line, rule: `${reason} (${room.folder}: ${room.sentence})` }];
}

function refusal(found: Import, room: Room, known: ReadonlySet<string>): string | null {
  const { specifier, kind } = found;
  if (kind === 'sideEffect') return `Importing ${specifier} for its side effect hides what the program does.`;
  if (kind === 'dynamic' && specifier === '') return 'A dynamic import without a literal path cannot be checked.';
  if (specifier.startsWith('node:')) return refuseNodeModule(found, room);
  if (!specifier.startsWith('.')) return refusePackage(specifier, room);
  if (!specifier.endsWith('.ts')) return `Relative imports end in .ts, value was ${specifier}.`;
  const target = posix.join(posix.dirname(found.file), specifier);
  if (!known.has(target)) return `It imports ${target}, which is no file of the house.`;
  return refuseRoom(found, room, target);
}

function refuseNodeModule({ specifier, file }: Import, room: Room): string | null {
  if (room.nodeModules === null || room.nodeModules.includes(specifier)) return null;
  if (room.doors.some((door) => door.file === file)) return null;
  return `${room.isPure ? 'A pure room' : 'This room'} may not import ${specifier}.`;
}

function refusePackage(specifier: string, room: Room): string | null {
  const name = specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
  return room.packages.includes(name) ? null : `The package ${name} is not on this room's list.`;
}

function refuseRoom({ kind, file }: Import, room: Room, target: string): string | null {
  const other = roomOf(target);
  if (other === null) return `It imports ${target}, which belongs to no room.`;
  const isSame = other === room && kindOf(file, room) === kindOf(target, other);
  if (isSame) return null;
  if (other === room) return `Kinds of one room do not see each other, but it imports ${target}.`;
  if (room.uses.includes('*')) return other.folder === 'src/main.ts' ? 'Nothing imports the entry.' : null;
  if (other.wiringOnly.includes(target)) return `Only ${WIRING.join(' and ')} may import ${target}.`;
  const door = room.doors.find((candidate) => candidate.file === file);
  if ([...room.uses, ...(door?.uses ?? [])].some((part) => part === other.folder || isPartOf(part, target)))
    return null;
  if (room.usesTypesOf.includes(other.folder)) {
    return kind === 'type' ? null : `It may import only types of ${other.folder}; write import type.`;
  }
  return `It may not import ${other.folder}; allowed are ${[...room.uses, ...room.usesTypesOf].join(', ') || 'none'}.`;
}

/** A row may name part of a room: one file without its ending, or files by a pattern such as `src/controller/read-*.ts`. */
function isPartOf(part: string, target: string): boolean {
  if (IMPORT_TABLE.some(({ folder }) => folder === part)) return false;
  return part.endsWith('*.ts') ? target.startsWith(part.slice(0, -'*.ts'.length)) : target === `${part}.ts`;
}

function findCircles(imports: readonly Import[]): readonly Offence[] {
  const edges = new Map<string, readonly { readonly to: string; readonly line: number }[]>();
  for (const { file, line, specifier } of imports) {
    if (!specifier.startsWith('.')) continue;
    edges.set(file, [...(edges.get(file) ?? []), { to: posix.join(posix.dirname(file), specifier), line }]);
  }
  const done = new Set<string>();
  const offences: Offence[] = [];
  const visit = (file: string, path: readonly string[]) => {
    for (const { to, line } of edges.get(file) ?? []) {
      const start = path.indexOf(to);
      const circle = [...path.slice(start), to].join(' -> ');
      if (start !== -1) offences.push({ file, line, rule: `Imports form a circle: ${circle}.` });
      else if (!done.has(to)) visit(to, [...path, to]);
    }
    done.add(file);
  };
  for (const file of edges.keys()) if (!done.has(file)) visit(file, [file]);
  return offences;
}
