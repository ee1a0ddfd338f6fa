// @ts-nocheck: a walk over any tree has few types
// The faults that mutants.mjs makes in a file: each a piece of its text, and what stands there instead.
import { readFileSync } from 'node:fs';
import { parseAst } from 'vitest/node';

/**
 * @typedef {object} Mutant
 * @property {string} file
 * @property {number} line
 * @property {number} start of the piece, in the file's text
 * @property {number} end
 * @property {string} was
 * @property {string} text an expression, or what follows `if (it is there)` where the piece is a statement
 * @property {boolean} isStatement
 */

const otherOperator = bothWays('< <=', '> >=', '=== !==', '* /', '&& ||', '- +', '& |', '<< >>');
// Texts are added as well.
otherOperator.delete('+');
const otherMethod = bothWays('some every', 'min max', 'startsWith endsWith');

function bothWays(...pairs) {
  const others = new Map();
  for (const [one, other] of pairs.map((pair) => pair.split(' '))) others.set(one, other).set(other, one);
  return others;
}

/** What may go wrong in each kind of node. */
const faultsOf = {
  BinaryExpression: otherwise,
  LogicalExpression(node, { add, textOf }) {
    if (node.operator === '??') add(node, textOf(node.left));
    else otherwise(node, { add, textOf });
  },
  UnaryExpression(node, { add, textOf }) {
    if (node.operator === '!') add(node, textOf(node.argument));
  },
  IfStatement: eitherWay,
  ConditionalExpression: eitherWay,
  WhileStatement: ({ test }, { add }) => add(test, 'false'),
  ExpressionStatement(node, { add }) {
    const { type, callee } = node.expression;
    const isDropped = /^(Call|Await|Assignment|Update|Unary|Chain)Expression$/.test(type);
    if (isDropped && callee?.type !== 'Super') add(node, ';else ', true);
  },
  Literal(node, { add }) {
    // Not a time-out by one millisecond.
    const isTold = typeof node.value === 'number' && (node.value <= 64 || /^0[ox]/.test(node.raw));
    if (isTold) add(node, `${node.value + 1}`);
    if (typeof node.value === 'boolean') add(node, `${!node.value}`);
  },
  CallExpression(node, { add, textOf }) {
    const { property, object } = node.callee;
    const other = property?.type === 'Identifier' && otherMethod.get(property.name);
    if (other)
      add(
        node,
        textOf({ start: object.start, end: property.start }) +
          other +
          textOf({ start: property.end, end: node.end }),
      );
  },
  // A constructor that returns early leaves an object that the type rules out.
  MethodDefinition({ kind, value }) {
    if (kind === 'constructor') value.type = 'Constructor';
  },
  FunctionDeclaration: atOnce,
  FunctionExpression: atOnce,
  ArrowFunctionExpression: atOnce,
};

function otherwise({ start, end, left, right, operator }, { add, textOf }) {
  const other = otherOperator.get(operator);
  // Between the two may be brackets as well.
  const between = textOf({ start: left.end, end: right.start });
  if (other)
    add(
      { start, end },
      textOf({ start, end: left.end }) +
        between.replace(operator, other) +
        textOf({ start: right.start, end }),
    );
}

function eitherWay({ test }, { add }) {
  add(test, 'true');
  add(test, 'false');
}

/** A function that does nothing. */
function atOnce({ body }, { add }) {
  if (body?.type !== 'BlockStatement' || body.body.length < 2) return;
  const { start } = body.body[0];
  add({ start, end: start }, 'return;', true);
}

/**
 * Every fault of a file, in the order of its text.
 *
 * @param {string} file
 * @returns {Mutant[]}
 */
export function mutantsOf(file) {
  const code = readFileSync(file, 'utf8');
  const found = [];
  const textOf = ({ start, end }) => code.slice(start, end);
  const add = ({ start, end }, text, isStatement = false) => {
    const line = code.slice(0, start).split('\n').length;
    found.push({ file, line, start, end, text, isStatement, was: code.slice(start, end) });
  };
  visit(parseAst(code, { lang: 'ts' }, file), { add, textOf });
  return found;
}

function visit(node, tools) {
  if (Array.isArray(node)) for (const child of node) visit(child, tools);
  if (typeof node?.type !== 'string') return;
  // Types, and names of other files.
  if (/^(TS(?!As|NonNull|Satisfies)|Import|ExportAll)/.test(node.type)) return;
  faultsOf[node.type]?.(node, tools);
  for (const [key, child] of Object.entries(node))
    if (!/^(key|typeAnnotation|(super)?[tT]ype(Parameters|Arguments)|returnType)$/.test(key))
      visit(child, tools);
}

/**
 * The file with all of its faults in it at once; which of them is there, `__mutant` says at run time.
 *
 * @param {string} code
 * @param {(Mutant & {id: number})[]} mutants of this file
 */
export function withMutants(code, mutants) {
  const places = new Map();
  for (const mutant of mutants) {
    const place = `${mutant.start} ${mutant.end} ${mutant.isStatement}`;
    places.set(place, [...(places.get(place) ?? []), mutant]);
  }
  /** Of those at one place the outer one opens first, and closes last. */
  const pieces = [];
  for (const [first, ...rest] of places.values()) {
    const { start, end, id, text, isStatement } = first;
    if (isStatement) {
      pieces.push({ at: start, order: start === end ? -1e9 : -end, text: `if (__mutant(${id})) ${text}` });
      continue;
    }
    const tests = [first, ...rest].map((one) => `__mutant(${one.id}) ? (${one.text}) : `).join('');
    pieces.push({ at: start, order: -end, text: `(${tests}(` }, { at: end, order: -2e9 - start, text: '))' });
  }
  pieces.sort((one, other) => one.at - other.at || one.order - other.order);
  let text = '';
  let from = 0;
  for (const piece of pieces) {
    text += code.slice(from, piece.at) + piece.text;
    from = piece.at;
  }
  return text + code.slice(from);
}
