/** A refusal as a real daemon words it: virError's number, domain and text. */
export class LabError extends Error {
  override readonly name = 'LabError';
  readonly code: number;
  readonly domain: number;

  constructor(code: number, domain: number, message: string) {
    super(message);
    this.code = code;
    this.domain = domain;
  }
}

/** virErrorDomain: who refuses. */
export const From = {
  none: 0,
  libvirt: 6,
  rpc: 7,
  qemu: 10,
  storage: 18,
  network: 19,
  domain: 20,
  streams: 38,
} as const;

type Refusal = (detail: string) => LabError;

/** The one of a UUID and the one of a name must be one: throws where a definition's are those of two. */
export function checkNames(
  kind: 'domain' | 'network' | 'pool',
  { uuid, name }: { readonly uuid: string; readonly name: string },
  known: { readonly name: string } | undefined,
  namesake: { readonly uuid: string } | undefined,
  failed: Refusal,
): void {
  if (known === undefined && namesake !== undefined)
    throw failed(`${kind} '${name}' already exists with uuid ${namesake.uuid}`);
  if (known !== undefined && known.name !== name)
    throw failed(`${kind} '${known.name}' is already defined with uuid ${uuid}`);
}

/** The refusals that every driver has, in the name of one of them. */
function refusalsOf(from: number) {
  return {
    internal: (detail) => new LabError(1, from, `internal error: ${detail}`),
    noSupport: (detail) =>
      new LabError(3, from, `this function is not supported by the connection driver: ${detail}`),
    invalidArg: (detail) => new LabError(8, from, `invalid argument: ${detail}`),
    failed: (detail) => new LabError(9, from, `operation failed: ${detail}`),
    xml: (detail) => new LabError(27, from, `XML error: ${detail}`),
    /** A system call failed: the text ends in what errno says. */
    system: (detail) => new LabError(38, from, detail),
    invalid: (detail) => new LabError(55, from, `Requested operation is not valid: ${detail}`),
    config: (detail) => new LabError(67, from, `unsupported configuration: ${detail}`),
    unsupported: (detail) => new LabError(84, from, `Operation not supported: ${detail}`),
  } as const satisfies Record<string, Refusal>;
}

/** As the storage driver and the network driver refuse. */
export const refuseStorage = {
  ...refusalsOf(From.storage),
  noPool: (detail: string) => new LabError(49, From.storage, `Storage pool not found: ${detail}`),
  noVolume: (detail: string) => new LabError(50, From.storage, `Storage volume not found: ${detail}`),
  volumeExists: (name: string) => new LabError(90, From.storage, `storage volume '${name}' exists already`),
};
export const refuseNetwork = {
  ...refusalsOf(From.network),
  noNetwork: (detail: string) => new LabError(43, From.network, `Network not found: ${detail}`),
};

/** libvirt's common refusals, with the prefix that its error table gives each code (src/util/virerror.c). */
export const refuse = {
  ...refusalsOf(From.qemu),
  internal: (detail) => new LabError(1, From.rpc, `internal error: ${detail}`),
  noConnect: (uri) => new LabError(5, From.none, `no connection driver available for ${uri}`),
  xml: (detail) => new LabError(27, From.domain, `XML error: ${detail}`),
  readOnly: (call) =>
    new LabError(29, From.libvirt, `operation forbidden: read only access prevents ${call}`),
  rpc: (detail) => new LabError(39, From.rpc, detail),
  noDomain: (detail) => new LabError(42, From.qemu, `Domain not found: ${detail}`),
  noMetadata: (detail) => new LabError(80, From.domain, `metadata not found: ${detail}`),
  agentMissing: (detail) => new LabError(74, From.qemu, `argument unsupported: ${detail}`),
  agent: (detail) => new LabError(86, From.qemu, `Guest agent is not responding: ${detail}`),
} as const satisfies Record<string, Refusal>;
