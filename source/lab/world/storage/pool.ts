import type { XmlNode } from '../../xml/tree.js';
import type { Place } from './place.js';
import { type PoolType, poolTypes } from './pool-types.js';
import type { LabVolume } from './volume.js';

/** What a pool is, as opposed to what it does at the moment. */
export interface PoolDefinition {
  /** The pool's element as libvirt keeps it. */
  readonly tree: XmlNode;
  readonly name: string;
  readonly uuid: string;
  /** A name out of `poolTypes`. */
  readonly type: string;
  /** Where its volumes appear; absent for storage that has no place in the file system. */
  readonly path: string | undefined;
  /** What its storage is, beside the path: "nas.example:/export/vm", "vg0". Two pools must not have the same. */
  readonly source: string | undefined;
}

export interface PoolSpace {
  /** Bytes. */
  readonly capacity: number;
  readonly allocation: number;
  readonly available: number;
}

const nothing: PoolSpace = { capacity: 0, allocation: 0, available: 0 };

/** A storage pool. */
export class LabPool {
  definition: PoolDefinition;
  /** What it will be once it stops, where somebody changed that. */
  next: PoolDefinition | undefined;
  autostart = false;
  persistent: boolean;
  /** Where its volumes lie; absent while it is inactive. */
  place: Place | undefined;

  constructor(definition: PoolDefinition, persistent: boolean) {
    this.definition = definition;
    this.persistent = persistent;
  }

  get name(): string {
    return this.definition.name;
  }

  get uuid(): string {
    return this.definition.uuid;
  }

  get type(): PoolType {
    return poolTypes[this.definition.type] as PoolType;
  }

  get active(): boolean {
    return this.place !== undefined;
  }

  get wire(): { name: string; uuid: string } {
    return { name: this.name, uuid: this.uuid };
  }

  /** Zero while it is inactive. */
  get space(): PoolSpace {
    return this.place?.space ?? nothing;
  }

  /** By name; none while it is inactive. */
  get volumes(): ReadonlyMap<string, LabVolume> {
    return this.place?.volumes ?? new Map();
  }
}
