import * as z from 'zod/mini';
import { nameProblem, uriProblem } from './connection-rules.js';
import { defaultSettings, groupings, intervalLimits, type Settings, symbolSets, themes } from './settings.js';

const columnId = z
  .string(expected('the id of a column'))
  .check(z.regex(/^[a-z][a-z0-9-]*$/, 'expected the id of a column: lower-case letters, digits and dashes'));

const intervalText = `expected ${intervalLimits.least} to ${intervalLimits.most} seconds`;

/** One entry of `connections`. Each is checked alone, so that a bad one does not take the others along. */
export const connectionSchema = z.object(
  {
    name: z.string(expected('text')).check(refused(nameProblem)),
    uri: z.string(expected('text')).check(refused(uriProblem)),
    autoconnect: z._default(z.boolean(expected('true or false')), false),
  },
  expected('a mapping with name and uri'),
);

const text = z.optional(z.string(expected('text')));
const address = /^https?:\/\/\S+$/;
const digest = (length: number) =>
  z.optional(
    z
      .string(expected('a digest, or the address of a list of digests'))
      .check(
        z.refine(
          (value) => address.test(value) || new RegExp(`^[0-9a-f]{${length}}$`, 'i').test(value),
          `expected ${length} hexadecimal digits, or the address of a list of digests`,
        ),
      ),
  );

/** One entry of `images`. */
export const imageSchema = z.object(
  {
    id: z
      .string(expected('an id'))
      .check(z.regex(/^[\w.+-]+$/, 'expected an id: letters, digits, dots and dashes')),
    url: z
      .string(expected('an address'))
      .check(z.regex(address, 'expected an address that begins with https:// or http://')),
    name: text,
    arch: z.optional(choice(['x86_64', 'aarch64'])),
    sha256: digest(64),
    sha512: digest(128),
    user: text,
    os: text,
    firmware: z.optional(choice(['bios', 'uefi', 'any'])),
    agent: z.optional(z.boolean(expected('true or false'))),
  },
  expected('a mapping with id and url'),
);

const { sort } = defaultSettings;

const sortSchema = z.object(
  {
    column: z._default(columnId, sort.column),
    reverse: z._default(z.boolean(expected('true or false')), sort.reverse),
  },
  expected('a mapping with column and reverse'),
);

/** Every field at the top of the file by its name. */
export const fieldSchemas = {
  connections: z.array(z.unknown(), expected('a list of connections')),
  columns: z
    .array(columnId, expected('a list of column ids'))
    .check(z.minLength(1, 'expected at least one column'), z.refine(areUnique, 'a column is listed twice')),
  sort: sortSchema,
  grouping: choice(groupings),
  interval: z
    .number(expected('a number of seconds'))
    .check(z.gte(intervalLimits.least, intervalText), z.lte(intervalLimits.most, intervalText)),
  theme: choice(themes),
  symbols: choice(symbolSets),
  images: z.array(z.unknown(), expected('a list of images')),
} satisfies Record<keyof Settings, z.ZodMiniType>;

/** The fields that a mapping may have, by the path of the mapping ("[]" for any entry of a list). */
export const knownFields: Readonly<Record<string, readonly string[]>> = {
  '': Object.keys(fieldSchemas),
  'connections[]': Object.keys(connectionSchema.shape),
  'images[]': Object.keys(imageSchema.shape),
  sort: Object.keys(sortSchema.shape),
};

/** A zod issue, reduced to what a message needs. */
export interface Issue {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

type Parsed<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly issues: Issue[] };

/** Checks one value; all of its issues at once. */
export function check<T>(schema: z.ZodMiniType<T>, value: unknown): Parsed<T> {
  const result = schema.safeParse(value);
  if (result.success) return { ok: true, value: result.data };
  return { ok: false, issues: result.error.issues.map(({ path, message }) => ({ path, message })) };
}

function choice<const T extends readonly string[]>(values: T) {
  return z.enum(values, expected(`one of ${values.join(', ')}`));
}

/** A rule that answers with what is wrong. */
function refused(rule: (text: string) => string | undefined) {
  return z.superRefine<string>((value, context) => {
    const message = rule(value);
    if (message !== undefined) context.addIssue({ code: 'custom', message });
  });
}

function areUnique(values: readonly string[]): boolean {
  return new Set(values).size === values.length;
}

/** "expected text, not 5". What is missing or empty is said as such. */
function expected(what: string) {
  return { error: (issue: { input?: unknown }) => `expected ${what}, ${found(issue.input)}` };
}

function found(input: unknown): string {
  if (input === undefined) return 'but it is missing';
  if (input === null) return 'but it is empty';
  if (Array.isArray(input)) return 'not a list';
  if (typeof input === 'object') return 'not a mapping';
  if (typeof input !== 'string') return `not ${String(input)}`;
  // Anything else may be a URI in the wrong place, with a password in it.
  return /^[\w .+-]{1,40}$/.test(input) ? `not "${input}"` : 'not this text';
}
