import { watch } from 'node:fs';
import { chown, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

export type BootDisk = {
  /** Path of the disk's raw image, 64 KiB. */
  readonly disk: string;
  /** Where the guest's serial port writes to. */
  readonly serialLog: string;
};

/**
 * A disk whose boot sector is a whole operating system of 40 bytes: it says `ready` on the serial port, sleeps,
 * and powers off when the ACPI power button is pressed. SeaBIOS alone ignores the button, so a guest without a
 * disk cannot be shut down, only forced off. `busy` makes it use its whole vCPU instead of sleeping.
 *
 * For machine type `pc`: there SeaBIOS puts the PIIX4's power management block at port 0x600.
 */
export async function makeBootDisk(
  folder: string,
  name: string,
  options: { readonly busy?: boolean } = {},
): Promise<BootDisk> {
  const disk = join(folder, `${name}.img`);
  const image = Buffer.alloc(65_536);
  image.set(bootSector(options.busy ?? false));
  await writeFile(disk, image);
  const { uid, gid } = await stat(folder);
  await chown(disk, uid, gid);
  return { disk, serialLog: join(folder, `${name}.serial`) };
}

/** Resolves when the guest on a boot disk has said `ready`. @throws after `timeout` milliseconds (20 s). */
export async function booted({ serialLog }: BootDisk, timeout = 20_000): Promise<void> {
  const watcher = watch(dirname(serialLog));
  try {
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`no "ready" in ${serialLog}`)), timeout);
      const look = async () => {
        const text = await readFile(serialLog, 'latin1').catch(() => '');
        if (!text.includes('ready')) return;
        clearTimeout(timer);
        resolve();
      };
      watcher.on('change', look);
      void look();
    });
  } finally {
    watcher.close();
  }
}

function bootSector(busy: boolean): Buffer {
  const sector = Buffer.alloc(512);
  sector.set([
    ...[0x31, 0xc0], // xor ax, ax
    ...[0x8e, 0xd8], // mov ds, ax
    ...[0xbe, 0x2e, 0x7c], // mov si, text
    ...[0xba, 0xf8, 0x03], // mov dx, 0x3f8      ; COM1
    0xac, // print: lodsb
    ...[0x84, 0xc0], // test al, al
    ...[0x74, 0x03], // jz printed
    0xee, // out dx, al
    ...[0xeb, 0xf8], // jmp print
    0xfb, // printed: sti
    ...[0xba, 0x02, 0x06], // mov dx, 0x602      ; PM1_EN
    ...[0xb8, 0x00, 0x01], // mov ax, 0x100      ; PWRBTN_EN, or QEMU drops the button's press
    0xef, // out dx, ax
    busy ? 0x90 : 0xf4, // sleep: hlt            ; until the timer's next interrupt, 18 times a second
    ...[0xba, 0x00, 0x06], // mov dx, 0x600      ; PM1_STS
    0xed, // in ax, dx
    ...[0xf6, 0xc4, 0x01], // test ah, 1         ; PWRBTN_STS
    ...[0x74, 0xf6], // jz sleep
    ...[0xba, 0x04, 0x06], // mov dx, 0x604      ; PM1_CNT
    ...[0xb8, 0x00, 0x20], // mov ax, 0x2000     ; SLP_EN, type 0: S5
    0xef, // out dx, ax
    ...[0xeb, 0xed], // jmp sleep
  ]);
  sector.write('ready\r\n\0', 0x2e, 'latin1');
  sector.set([0x55, 0xaa], 510);
  return sector;
}
