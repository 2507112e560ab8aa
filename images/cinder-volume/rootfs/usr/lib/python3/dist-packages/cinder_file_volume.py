"""Cinder volumes as sparse raw files in a folder that hypervisors share: no mount, no export, no root.

The folder is nas_share_path of the back end's section. It must be the same path for cinder-volume, nova-compute and
libvirt, which one Docker volume gives on one host and any cluster file system on several.

Nova gets such a volume as one of type "gpfs": its LibvirtGPFSVolumeDriver (nova/virt/libvirt/volume/gpfs.py) makes
<disk type='file'> of device_path and connects nothing, and os-brick's GPFSConnector answers with that very path.
"""

import os

from oslo_config import cfg
from oslo_log import log as logging
from oslo_utils import units

from cinder import exception
from cinder import interface
from cinder import privsep
from cinder.image import image_utils
from cinder.volume import driver
from cinder.volume import volume_utils
from cinder.volume.drivers import remotefs

CONF = cfg.CONF
LOG = logging.getLogger(__name__)

# Read and written by QEMU, which is another user of another container. A group of both would be less, but libvirt gives
# a disk to root:root when it is detached (dynamic_ownership without remembered owners), and cinder must go on with it.
# The folder is 0711: nobody but cinder sees what is in it.
FILE_MODE = 0o666
FOLDER_MODE = 0o711


@interface.volumedriver
class FileVolumeDriver(driver.VolumeDriver):
    """Volumes and snapshots are files; a snapshot or clone is a copy, by reflink where the file system can."""

    VERSION = "1.0"
    CI_WIKI_NAME = "None"

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.configuration.append_config_values(remotefs.nas_opts)
        self._stats = {}

    @property
    def _folder(self):
        return self.configuration.nas_share_path

    def do_setup(self, context):
        super().do_setup(context)
        # Each back end is a process of its own, and this one has no work for root: what cinder would have a helper do
        # (look into an image), it does itself.
        privsep.sys_admin_pctxt.set_client_mode(False)

    def check_for_setup_error(self):
        if not self._folder or not os.access(self._folder, os.R_OK | os.W_OK | os.X_OK):
            raise exception.VolumeBackendAPIException(
                data="nas_share_path %r is no folder that cinder-volume may write to" % self._folder)
        if os.stat(self._folder).st_uid == os.geteuid():
            os.chmod(self._folder, FOLDER_MODE)

    def local_path(self, volume):
        """The file of a volume or snapshot."""
        return os.path.join(self._folder, volume.name)

    # What is made appears under its name only when it is whole.

    def _publish(self, part, path, gigabytes=None):
        if gigabytes is not None:
            os.truncate(part, gigabytes * units.Gi)
        os.chmod(part, FILE_MODE)
        os.rename(part, path)

    def _copy(self, source, path, gigabytes=None):
        part = path + ".part"
        try:
            self._execute("cp", "--reflink=auto", "--sparse=always", "--", source, part)
            self._publish(part, path, gigabytes)
        except Exception:
            self._remove(part)
            raise

    def _remove(self, path):
        try:
            os.unlink(path)
        except FileNotFoundError:
            LOG.debug("%s is gone already.", path)

    @staticmethod
    def _refuse_attached(volume):
        """A copy of a disk that a server writes to would be consistent at no moment."""
        if volume.volume_attachment:
            raise exception.InvalidVolume(reason="volume %s is attached; detach it first" % volume.id)

    def create_volume(self, volume):
        if volume.encryption_key_id:
            raise exception.VolumeDriverException(message="this back end does not encrypt volumes")
        part = self.local_path(volume) + ".part"
        with open(part, "wb"):
            pass
        self._publish(part, self.local_path(volume), volume.size)

    def delete_volume(self, volume):
        self._remove(self.local_path(volume))

    def extend_volume(self, volume, new_size):
        os.truncate(self.local_path(volume), new_size * units.Gi)

    def create_snapshot(self, snapshot):
        self._refuse_attached(snapshot.volume)
        self._copy(self.local_path(snapshot.volume), self.local_path(snapshot))

    def delete_snapshot(self, snapshot):
        self._remove(self.local_path(snapshot))

    def create_volume_from_snapshot(self, volume, snapshot):
        self._copy(self.local_path(snapshot), self.local_path(volume), volume.size)

    def create_cloned_volume(self, volume, src_vref):
        self._refuse_attached(src_vref)
        self._copy(self.local_path(src_vref), self.local_path(volume), volume.size)

    def revert_to_snapshot(self, context, volume, snapshot):
        self._copy(self.local_path(snapshot), self.local_path(volume), volume.size)

    def clone_image(self, context, volume, image_location, image_meta, image_service):
        """All of a volume from an image: the manager's own way, taken where this says no, inspects images with sudo."""
        signed = any(name.startswith("img_signature") for name in image_meta.get("properties") or {})
        if signed and CONF.verify_glance_signatures != "disabled":
            with image_utils.temporary_file() as image:
                image_utils.fetch(context, image_service, image_meta["id"], image, None, None)
                image_utils.verify_glance_image_signature(context, image_service, image_meta["id"], image)
        self.copy_image_to_volume(context, volume, image_service, image_meta["id"])
        return {}, True

    def copy_image_to_volume(self, context, volume, image_service, image_id, **options):
        path = self.local_path(volume)
        part = path + ".part"
        try:
            image_utils.fetch_to_raw(
                context, image_service, image_id, part, self.configuration.volume_dd_blocksize,
                size=volume.size, run_as_root=False, **options)
            self._publish(part, path, volume.size)
        except Exception:
            self._remove(part)
            raise

    def copy_volume_to_image(self, context, volume, image_service, image_meta):
        volume_utils.upload_volume(
            context, image_service, image_meta, self.local_path(volume), volume, run_as_root=False)

    def get_volume_stats(self, refresh=False):
        if refresh or not self._stats:
            self._stats = self._measure()
        return self._stats

    def _measure(self):
        space = os.statvfs(self._folder)
        with os.scandir(self._folder) as files:
            promised = sum(file.stat().st_size for file in files if file.is_file())
        return {
            "volume_backend_name": self.configuration.safe_get("volume_backend_name") or "file",
            "vendor_name": "plinth",
            "driver_version": self.VERSION,
            "storage_protocol": "file",
            "total_capacity_gb": space.f_blocks * space.f_frsize / units.Gi,
            "free_capacity_gb": space.f_bavail * space.f_frsize / units.Gi,
            "provisioned_capacity_gb": promised / units.Gi,
            "max_over_subscription_ratio": self.configuration.safe_get("max_over_subscription_ratio"),
            "reserved_percentage": self.configuration.safe_get("reserved_percentage"),
            "thin_provisioning_support": True,
            "thick_provisioning_support": False,
            "multiattach": False,
        }

    def initialize_connection(self, volume, connector, **kwargs):
        return {
            "driver_volume_type": "gpfs",
            "data": {"name": volume.name, "device_path": self.local_path(volume)},
        }

    # There is nothing to export, and nothing to take back.

    def ensure_export(self, context, volume):
        pass

    def create_export(self, context, volume, connector):
        pass

    def remove_export(self, context, volume):
        pass

    def validate_connector(self, connector):
        pass

    def terminate_connection(self, volume, connector, **kwargs):
        pass
