import { listLimit } from '../../libvirt/constants.js';
import { refuseStorage as refuse, refuse as refuseAny } from '../errors.js';
import { type HandlerTable, StreamReply } from '../server/handler.js';
import type { FoundVolume } from '../world/storage/storage.js';
import { checkPoolActive, volumeIn } from '../world/storage/storage.js';
import { VolumeDownload, VolumeUpload } from '../world/storage/transfer.js';
import { volumeTypes } from '../world/storage/volume.js';
import {
  cloneVolume,
  createVolume,
  deleteVolume,
  resizeVolume,
  wipeVolume,
} from '../world/storage/volume-changes.js';
import { readVolumeXml, volumeXml } from '../xml/volume-xml.js';

/** VIR_STORAGE_VOL_CREATE_PREALLOC_METADATA */
const preallocateMetadata = 1;
/** VIR_STORAGE_VOL_GET_PHYSICAL */
const getPhysical = 1;
/** VIR_STORAGE_VOL_UPLOAD_SPARSE_STREAM and VIR_STORAGE_VOL_DOWNLOAD_SPARSE_STREAM */
const sparseStream = 1;

/** Storage volumes. */
export const storageVolumes: HandlerTable = {
  STORAGE_POOL_LIST_ALL_VOLUMES({ pool, need_results }, { world }) {
    const found = world.storage.poolOf(pool);
    checkPoolActive(found);
    const count = found.volumes.size;
    if (!need_results) return { vols: [], ret: count };
    if (count > listLimit) throw refuseAny.rpc(`Too many volumes '${count}' for limit '${listLimit}'`);
    return { vols: [...found.volumes.values()].map((volume) => wire({ pool: found, volume })), ret: count };
  },
  STORAGE_VOL_LOOKUP_BY_NAME({ pool, name }, { world }) {
    const found = world.storage.poolOf(pool);
    checkPoolActive(found);
    return { vol: wire({ pool: found, volume: volumeIn(found, name) }) };
  },
  STORAGE_VOL_LOOKUP_BY_KEY({ key }, { world }) {
    const found = world.storage.volumeByKey(key);
    if (found === undefined) throw refuse.noVolume(`no storage vol with matching key ${key}`);
    return { vol: wire(found) };
  },
  STORAGE_VOL_LOOKUP_BY_PATH({ path }, { world }) {
    const found = world.storage.volumeAt(path);
    if (found === undefined) throw refuse.noVolume(`no storage vol with matching path '${path}'`);
    return { vol: wire(found) };
  },
  STORAGE_VOL_GET_INFO({ vol }, { world }) {
    const { type, capacity, allocation } = world.storage.volumeOf(vol).volume;
    return { type: volumeTypes[type], capacity, allocation };
  },
  STORAGE_VOL_GET_INFO_FLAGS({ vol, flags }, { world }) {
    const { type, capacity, allocation, physical } = world.storage.volumeOf(vol).volume;
    return { type: volumeTypes[type], capacity, allocation: flags & getPhysical ? physical : allocation };
  },
  STORAGE_VOL_GET_XML_DESC({ vol }, { world }) {
    const { pool, volume } = world.storage.volumeOf(vol);
    return { xml: volumeXml(volume, pool, world.storage) };
  },
  STORAGE_VOL_GET_PATH: ({ vol }, { world }) => ({ name: world.storage.volumeOf(vol).volume.path }),
  STORAGE_VOL_CREATE_XML({ pool, xml, flags }, { world }) {
    const found = world.storage.poolOf(pool);
    checkPoolActive(found);
    const request = readVolumeXml(xml, found);
    const volume = createVolume(world, found, request, (flags & preallocateMetadata) !== 0);
    return { vol: wire({ pool: found, volume }) };
  },
  STORAGE_VOL_CREATE_XML_FROM({ pool, xml, clonevol }, { world }) {
    const found = world.storage.poolOf(pool);
    const source = world.storage.volumeOf(clonevol);
    const request = readVolumeXml(xml, found, true);
    return { vol: wire({ pool: found, volume: cloneVolume(world, found, request, source) }) };
  },
  STORAGE_VOL_RESIZE: ({ vol, capacity, flags }, { world }) =>
    resizeVolume(world, world.storage.volumeOf(vol), capacity, flags),
  STORAGE_VOL_DELETE: ({ vol }, { world }) => deleteVolume(world.storage.volumeOf(vol)),
  STORAGE_VOL_WIPE: ({ vol }, { world }) => wipeVolume(world, world.storage.volumeOf(vol), 0),
  STORAGE_VOL_WIPE_PATTERN: ({ vol, algorithm }, { world }) =>
    wipeVolume(world, world.storage.volumeOf(vol), algorithm),
  STORAGE_VOL_UPLOAD({ vol, offset, length, flags }, { world }) {
    const range = { offset, length, sparse: (flags & sparseStream) !== 0 };
    return new StreamReply({}, new VolumeUpload(world, world.storage.volumeOf(vol), range));
  },
  STORAGE_VOL_DOWNLOAD({ vol, offset, length, flags }, { world }) {
    const range = { offset, length, sparse: (flags & sparseStream) !== 0 };
    return new StreamReply({}, new VolumeDownload(world.storage.volumeOf(vol).volume, range));
  },
};

function wire({ pool, volume }: FoundVolume) {
  return { pool: pool.name, name: volume.name, key: volume.key };
}
