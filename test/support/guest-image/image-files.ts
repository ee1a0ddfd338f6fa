/** Text files by their path in the image. */
export type ImageFiles = Readonly<Record<string, string>>;

/** Label of the root file system: what fstab, GRUB and the kernel find it by. */
export const rootLabel = 'cloudroot';

/** Folder of the packages that the guest can install: it reaches no mirror. */
export const packageFolder = '/srv/packages';

/**
 * The disk and the seed's drive: a general initramfs takes TCG seconds to unpack and to probe. The drive must be
 * there before systemd runs cloud-init's generator, which looks for a seed and else disables cloud-init.
 */
const initramfsModules = ['virtio_pci', 'virtio_blk', 'virtio_scsi', 'sd_mod', 'sr_mod', 'isofs', 'ext4'];

/** In place before the packages are installed, since the kernel's package makes the initramfs. */
export const earlyFiles: ImageFiles = {
  '/etc/initramfs-tools/conf.d/image': 'MODULES=list\nBUSYBOX=n\nRESUME=none\n',
  '/usr/share/initramfs-tools/modules.d/image': `${initramfsModules.join('\n')}\n`,
  // Without udev the initramfs has nothing else to find the root file system's label with.
  '/etc/initramfs-tools/hooks/blkid': [
    '#!/bin/sh',
    'case "$1" in prereqs) exit 0 ;; esac',
    '. /usr/share/initramfs-tools/hook-functions',
    'copy_exec /sbin/blkid',
    '',
  ].join('\n'),
};

/** What udev would load for hardware that the guest does not use. */
const unusedModules = ['kvm_amd', 'kvm_intel', 'powernow_k8', 'sg', 'serio_raw', 'qemu_fw_cfg', 'drm'];

/**
 * The modules of cloud-init's last two stages that a guest of Debian has a use for, in their order, all in the last
 * stage: each stage is a Python program of its own, and importing cloud-init takes TCG six seconds.
 */
const cloudModules = [
  'ssh-import-id',
  'keyboard',
  'locale',
  'set-passwords',
  'apt-pipelining',
  'apt-configure',
  'ntp',
  'timezone',
  'runcmd',
  'package-update-upgrade-install',
  'write-files-deferred',
  'scripts-vendor',
  'scripts-per-once',
  'scripts-per-boot',
  'scripts-per-instance',
  'scripts-user',
  'ssh-authkey-fingerprints',
  'phone-home',
  'final-message',
  'power-state-change',
];

/** In place of what the packages and mmdebstrap wrote. */
export const lateFiles: ImageFiles = {
  // A name that no seed gives, and not that of the machine which built the image.
  '/etc/hostname': 'unconfigured\n',
  '/etc/fstab': `LABEL=${rootLabel} / ext4 defaults,noatime 0 0\n`,
  '/etc/modprobe.d/image.conf': unusedModules.map((name) => `blacklist ${name}\n`).join(''),
  // cloud-init generates the default locale otherwise, which takes half a minute under TCG.
  '/etc/default/locale': 'LANG=C.UTF-8\n',
  '/etc/apt/sources.list': `deb [trusted=yes] file:${packageFolder} ./\n`,
  '/etc/cloud/cloud.cfg.d/90_image.cfg': [
    'datasource_list: [ NoCloud, ConfigDrive, None ]',
    // An RSA key takes TCG seconds to find.
    'ssh_genkeytypes: [ ed25519 ]',
    // As Debian's images have it: sudo looks the guest's own name up.
    'manage_etc_hosts: true',
    'cloud_config_modules: []',
    `cloud_final_modules: [ ${cloudModules.join(', ')} ]`,
    '',
  ].join('\n'),
  '/boot/grub/grub.cfg': [
    'serial --unit=0 --speed=115200',
    'terminal_input console serial',
    'terminal_output console serial',
    `search --no-floppy --label ${rootLabel} --set root`,
    `linux /vmlinuz root=LABEL=${rootLabel} ro console=ttyS0,115200 loglevel=4 mitigations=off nokaslr audit=0`,
    'initrd /initrd.img',
    'boot',
    '',
  ].join('\n'),
};

/** The stage without modules, upkeep, and file systems and kernel modules that nobody asked for: no use to a guest of a few minutes. */
export const maskedUnits = [
  'cloud-config.service',
  'apt-daily.timer',
  'apt-daily-upgrade.timer',
  'dpkg-db-backup.timer',
  'e2scrub_all.timer',
  'e2scrub_reap.service',
  'fstrim.timer',
  'systemd-pstore.service',
  'systemd-binfmt.service',
  'systemd-update-utmp.service',
  'systemd-update-utmp-runlevel.service',
  'getty@tty1.service',
  'proc-sys-fs-binfmt_misc.automount',
  'sys-fs-fuse-connections.mount',
  'sys-kernel-config.mount',
  'sys-kernel-debug.mount',
  'sys-kernel-tracing.mount',
  'modprobe@.service',
];

/** systemd runs all generators at its start and at every reload; each costs TCG a quarter of a second. */
export const maskedGenerators = [
  'systemd-cryptsetup-generator',
  'systemd-debug-generator',
  'systemd-gpt-auto-generator',
  'systemd-hibernate-resume-generator',
  'systemd-integritysetup-generator',
  'systemd-rc-local-generator',
  'systemd-run-generator',
  'systemd-system-update-generator',
  'systemd-sysv-generator',
  'systemd-veritysetup-generator',
];

/**
 * Not unpacked, by the guest either: documentation; scripts for an init that is not there and questions before an
 * installation, which double the time of one; udev in the initramfs, where the kernel makes the few nodes itself.
 */
export const pathsWithoutUse = [
  '/etc/init.d/*',
  '/etc/apt/apt.conf.d/70debconf',
  '/usr/share/man/*',
  '/usr/share/doc/*',
  '/usr/share/initramfs-tools/hooks/udev',
  '/usr/share/initramfs-tools/scripts/init-top/udev',
  '/usr/share/initramfs-tools/scripts/init-bottom/udev',
];
