"""Cinder volumes as sparse raw files in a directory that hypervisors share: no mount, no export, no root.

The directory is nas_share_path of the back end's section. It must be the same path for cinder-volume, nova-compute and
libvirt, which one Docker volume gives on one host and any cluster file system on several.

Nova gets such a volume as one of type "gpfs": its LibvirtGPFSVolumeDriver (nova/virt/libvirt/volume/gpfs.py) makes
<disk type='file'> of device_path and connects nothing, and os-brick's GPFSConnector answers with that very path.
"""

import contextlib
import os
import time

from oslo_concurrency import processutils
from oslo_config import cfg
from oslo_log import log as logging
from oslo_utils import units

from cinder import context as cinder_context
from cinder import coordination
from cinder import exception
from cinder import interface
from cinder import privsep
from cinder.compute import nova
from cinder.image import image_utils
from cinder.volume import driver
from cinder.volume import volume_utils
from cinder.volume.drivers import remotefs

CONF = cfg.CONF
LOG = logging.getLogger(__name__)

# Read and written by QEMU, which is another user of another container. A group of both would be less, but libvirt gives
# a disk to root:root when it is detached (dynamic_ownership without remembered owners), and cinder must go on with it.
# The directory is 0711: nobody but cinder sees what is in it.
FILE_MODE = 0o666
DIRECTORY_MODE = 0o711

# Files that name servers which are paused for a copy: should cinder-volume end meanwhile, the next one wakes them.
PAUSED = ".paused-"
# Seconds that a server may take to pause, what it is busy with included.
TIMEOUT = 120
# In these states a server writes to no disk.
STILL = ("PAUSED", "SHUTOFF", "SUSPENDED", "SHELVED", "SHELVED_OFFLOADED")


@interface.volumedriver
class FileVolumeDriver(driver.VolumeDriver):
    """Volumes and snapshots are files; a snapshot or clone is a copy, by reflink where the file system can.

    A copy of a disk that a server writes to would be of no moment. A reflink of one is of one moment (FICLONE holds writers
    off). Where the file system has none, the server is paused as long as the copy takes: paused, QEMU has brought every
    write of the guest to its end, so the copy is what a power cut would have left. Nova's assisted snapshots are no way
    here: they leave the server with a qcow2 file, and the one nova volume driver that takes a path takes raw files only.
    """

    VERSION = "1.0"
    CI_WIKI_NAME = "None"

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.configuration.append_config_values(remotefs.nas_opts)
        self._stats = {}
        self._held = set()

    @property
    def _directory(self):
        return self.configuration.nas_share_path

    def do_setup(self, context):
        super().do_setup(context)
        # Each back end is a process of its own, and this one has no work for root: what cinder would have a helper do
        # (look into an image), it does itself.
        privsep.sys_admin_pctxt.set_client_mode(False)

    def check_for_setup_error(self):
        if not self._directory or not os.access(self._directory, os.R_OK | os.W_OK | os.X_OK):
            raise exception.VolumeBackendAPIException(
                data="nas_share_path %r is no directory that cinder-volume may write to" % self._directory)
        if os.stat(self._directory).st_uid == os.geteuid():
            os.chmod(self._directory, DIRECTORY_MODE)

    def local_path(self, volume):
        """The file of a volume or snapshot."""
        return os.path.join(self._directory, volume.name)

    # What is made appears under its name only when it is whole.

    def _publish(self, part, path, gigabytes=None):
        if gigabytes is not None:
            os.truncate(part, gigabytes * units.Gi)
        os.chmod(part, FILE_MODE)
        os.rename(part, path)

    def _copy(self, source, path, gigabytes=None, reflink="auto"):
        part = path + ".part"
        # cp takes no --sparse beside a reflink that must be: it is the same blocks, holes included.
        sparse = () if reflink == "always" else ("--sparse=always",)
        try:
            self._execute("cp", "--reflink=" + reflink, *sparse, "--", source, part)
            self._publish(part, path, gigabytes)
        except Exception:
            self._remove(part)
            raise

    def _copy_volume(self, volume, path, gigabytes=None):
        """A copy of a volume as it was at one moment, whoever writes to it."""
        source = self.local_path(volume)
        servers = sorted({
            attachment.instance_uuid for attachment in volume.volume_attachment if attachment.instance_uuid})
        if not servers:
            self._copy(source, path, gigabytes)
            return
        try:
            self._copy(source, path, gigabytes, reflink="always")
        except processutils.ProcessExecutionError as error:
            LOG.debug("No reflink of %s: %s", source, error.stderr)
            with contextlib.ExitStack() as held:
                for server in servers:
                    held.enter_context(self._standing_still(server))
                self._copy(source, path, gigabytes)

    def _remove(self, path):
        try:
            os.unlink(path)
        except FileNotFoundError:
            LOG.debug("%s is gone already.", path)

    @contextlib.contextmanager
    def _standing_still(self, server_id):
        """Pauses a server unless it writes to nothing anyway, and lets it run on."""
        servers = self._servers()
        mark = os.path.join(self._directory, PAUSED + server_id)
        with coordination.COORDINATOR.get_lock("cinder-file-volume-%s" % server_id):
            self._held.add(server_id)
            try:
                if self._pause(servers, server_id, mark):
                    LOG.info("Server %s is paused while its volume is copied.", server_id)
                yield
            finally:
                self._wake(servers, server_id, mark)
                self._held.discard(server_id)

    @staticmethod
    def _servers():
        return nova.novaclient(cinder_context.get_admin_context(), privileged_user=True).servers

    def _pause(self, servers, server_id, mark):
        """Whether the server had to be paused. Not before it is, this ends."""
        asked = False
        deadline = time.monotonic() + TIMEOUT
        while True:
            try:
                status = servers.get(server_id).status
            except nova.API.NotFound:
                return False
            if status in STILL:
                return asked
            if status == "ACTIVE" and not asked:
                with open(mark, "wb"):
                    pass
                try:
                    servers.pause(server_id)
                    asked = True
                except nova.nova_exceptions.Conflict as error:
                    # Of a snapshot of the whole server nova is not quite done when it asks for this one.
                    LOG.debug("Server %s is busy: %s", server_id, error)
                    self._remove(mark)
            if time.monotonic() > deadline:
                raise exception.VolumeBackendAPIException(
                    data="server %s, which the volume is attached to, did not pause within %d s: it is %s"
                    % (server_id, TIMEOUT, status))
            time.sleep(0.2)

    def _wake(self, servers, server_id, mark):
        """Lets a server with a mark run on. Whatever fails is tried again by _wake_forgotten, as long as there is the mark."""
        if not os.path.exists(mark):
            return
        try:
            server = servers.get(server_id)
            if server.status == "PAUSED":
                servers.unpause(server_id)
            elif getattr(server, "OS-EXT-STS:task_state") == "pausing":
                return
        except nova.API.NotFound:
            LOG.debug("Server %s is gone.", server_id)
        except Exception:
            LOG.exception("Server %s does not run on yet; this is tried again in a minute.", server_id)
            return
        self._remove(mark)

    def _wake_forgotten(self):
        """Lets servers run on that an earlier cinder-volume paused, and did not live to wake."""
        with os.scandir(self._directory) as files:
            marks = [file for file in files if file.name.startswith(PAUSED)]
        for mark in marks:
            server_id = mark.name[len(PAUSED):]
            if server_id in self._held:
                continue
            LOG.warning("Server %s was paused for a copy that is over; it is woken.", server_id)
            try:
                self._wake(self._servers(), server_id, mark.path)
            except Exception:
                # Nova's client asks keystone for its address.
                LOG.exception("Server %s could not be woken; this is tried again in a minute.", server_id)

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
        self._copy_volume(snapshot.volume, self.local_path(snapshot))

    def delete_snapshot(self, snapshot):
        self._remove(self.local_path(snapshot))

    def create_volume_from_snapshot(self, volume, snapshot):
        self._copy(self.local_path(snapshot), self.local_path(volume), volume.size)

    def create_cloned_volume(self, volume, src_vref):
        self._copy_volume(src_vref, self.local_path(volume), volume.size)

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
            self._wake_forgotten()
            self._stats = self._measure()
        return self._stats

    def _measure(self):
        space = os.statvfs(self._directory)
        with os.scandir(self._directory) as files:
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
            # Nova's driver for such a volume cannot tell a running server that its disk has grown.
            "online_extend_support": False,
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
