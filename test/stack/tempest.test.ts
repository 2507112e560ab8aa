import assert from "node:assert/strict";
import { test } from "node:test";
import { countsOf, isUnexpected, type Outcome, readLine, tell } from "../../scripts/stack/tempest/results.ts";

/** As `tempest run` prints it: two workers, one failure with its trace. */
const printed = `{0} tempest.api.compute.test_versions.TestVersions.test_list_api_versions [0.059018s] ... ok
{1} setUpClass (tempest.api.object_storage.test_account_quotas.AccountQuotasTest) ... SKIPPED: AccountQuotasTest skipped as swift is not available
{0} tempest.api.volume.test_volumes_get.VolumesGetTest.test_volume_create_get [12.5s] ... FAILED

Captured traceback:
~~~~~~~~~~~~~~~~~~~
    Traceback (most recent call last):

      File "/usr/lib/python3/dist-packages/tempest/common/waiters.py", line 330, in wait_for_volume_resource_status
    raise lib_exc.TimeoutException(message)

    tempest.lib.exceptions.TimeoutException: Request timed out
Details: volume 1 failed to reach available status (current creating) within 300 s.

{1} tempest.api.compute.flavors.test_flavors.FlavorsV2TestJSON.test_get_flavor [0.1s] ... ok
{0} tempest.scenario.test_network_basic_ops.TestNetworkBasicOps.test_network_basic_ops [36.6s] ... FAILED

Captured traceback:
~~~~~~~~~~~~~~~~~~~
    raise child_exception_type(errno_num, err_msg, err_filename)

    FileNotFoundError: [Errno 2] No such file or directory: 'ping'

Captured pythonlogging:
~~~~~~~~~~~~~~~~~~~~~~~
    2026-11-24 09:14:02,100 22 DEBUG [tempest.lib.common.rest_client] Request - Headers: {}
        Body: b''
`;

test("a failure counts unless the test is known not to pass there", () => {
  const test = "tempest.scenario.test_network_basic_ops.TestNetworkBasicOps.test_network_basic_ops";
  assert.ok(!isUnexpected({ test, result: "failed", why: "" }));
  assert.ok(isUnexpected({ test: "tempest.a.test", result: "failed", why: "" }));
  assert.ok(!isUnexpected({ test: "tempest.a.test", result: "skipped", why: "" }));
});

test("Tempest's results are counted, with the reasons of failures and skips", () => {
  const outcomes: Outcome[] = [];
  const seen: string[] = [];
  for (const line of printed.split("\n")) readLine(outcomes, line, (one) => seen.push(one));
  assert.deepEqual(countsOf(outcomes), { passed: 2, failed: 2, skipped: 1 });
  assert.equal(seen.length, 5);
  assert.equal(
    tell(outcomes, 61),
    `tempest, smoke: 2 passed, 2 failed, 1 skipped, in 61 s
  failed   tempest.api.volume.test_volumes_get.VolumesGetTest.test_volume_create_get: tempest.lib.exceptions.TimeoutException: Request timed out
  failed   tempest.scenario.test_network_basic_ops.TestNetworkBasicOps.test_network_basic_ops: FileNotFoundError: [Errno 2] No such file or directory: 'ping' (known: wants a guest with an SSH server, and the network outside in Tempest's container)
  skipped  1: AccountQuotasTest skipped as swift is not available
`,
  );
});
