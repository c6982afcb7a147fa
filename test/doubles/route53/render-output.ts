// Renders an answer by the published model, in its order, and refuses to answer what the model would not: a double that
// answers what the service never does proves nothing.
import { type Model, NAMESPACE, type Shape, shapeOf } from './model.ts';
import type { Value } from './read-input.ts';
import { escapeXml, renderElement } from './xml.ts';

export function renderOutput(model: Model, shapeName: string, value: Value): string {
  const inner = renderShape(model, shapeOf(model, shapeName), value, shapeName);
  return `<?xml version="1.0"?>\n${renderElement(shapeName, inner, { xmlns: NAMESPACE })}`;
}

function renderShape(model: Model, shape: Shape, value: Value, path: string): string {
  if (shape.type === 'structure')
    return renderStructure(model, shape, value as { readonly [key: string]: Value }, path);
  if (shape.type === 'list') {
    const { shape: item = '', locationName = 'member' } = shape.member ?? {};
    const items = value as readonly Value[];
    return items
      .map((one) =>
        renderElement(locationName, renderShape(model, shapeOf(model, item), one, `${path}.${locationName}`)),
      )
      .join('');
  }
  if (shape.enum !== undefined && !shape.enum.includes(`${value}`)) throw new Error(`Cannot answer ${path}: ${value}`);
  return escapeXml(`${value}`);
}

function renderStructure(model: Model, shape: Shape, value: { readonly [key: string]: Value }, path: string): string {
  for (const name of shape.required ?? [])
    if (!(name in value)) throw new Error(`Cannot answer ${path} without ${name}`);
  for (const name of Object.keys(value)) {
    if (shape.members?.[name] === undefined) throw new Error(`Cannot answer ${path}.${name}: no such member`);
  }
  return Object.entries(shape.members ?? {})
    .flatMap(([name, member]) => {
      const part = value[name];
      if (part === undefined) return [];
      return [renderElement(name, renderShape(model, shapeOf(model, member.shape), part, `${path}.${name}`))];
    })
    .join('');
}
