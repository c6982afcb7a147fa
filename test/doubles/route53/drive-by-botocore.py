# The second client of the double of Route 53, one that nobody here wrote: Debian's botocore. It makes the calls that a
# provider makes and prints what it got, one JSON object, for botocore.test.ts to judge. Its arguments come from the environment.
import json
import os

import botocore.session
from botocore.config import Config
from botocore.exceptions import ClientError

zone = os.environ["DOUBLE_ZONE"]
session = botocore.session.get_session()


def connect(secret):
    return session.create_client(
        "route53",
        region_name="us-east-1",
        endpoint_url=os.environ["DOUBLE_ENDPOINT"],
        aws_access_key_id=os.environ["DOUBLE_KEY"],
        aws_secret_access_key=secret,
        config=Config(retries={"total_max_attempts": 1}, connect_timeout=5, read_timeout=10),
    )


client = connect(os.environ["DOUBLE_SECRET"])
seen = {}


def a(name, *addresses, ttl=60):
    records = [{"Value": address} for address in addresses]
    return {"Name": name, "Type": "A", "TTL": ttl, "ResourceRecords": records}


def change(*pairs):
    changes = [{"Action": action, "ResourceRecordSet": record} for action, record in pairs]
    return client.change_resource_record_sets(HostedZoneId=zone, ChangeBatch={"Changes": changes})


def refusal(call):
    try:
        call()
    except ClientError as error:
        return [error.response["Error"]["Code"], error.response["Error"]["Message"]]
    return ["done", ""]


first = change(("CREATE", a("*.example.com", "192.0.2.1")), ("CREATE", a("b.example.com", "192.0.2.2")))
seen["status"] = first["ChangeInfo"]["Status"]
change_id = first["ChangeInfo"]["Id"]
seen["reads"] = [client.get_change(Id=change_id)["ChangeInfo"]["Status"] for _ in range(2)]
seen["moved"] = refusal(
    lambda: change(("DELETE", a("b.example.com", "192.0.2.2")), ("CREATE", a("b.example.com", "192.0.2.3")))
)[0]
seen["stale"] = refusal(
    lambda: change(("DELETE", a("b.example.com", "192.0.2.2")), ("CREATE", a("b.example.com", "192.0.2.4")))
)
seen["exists"] = refusal(lambda: change(("CREATE", a("b.example.com", "192.0.2.9"))))
seen["bogus"] = refusal(lambda: change(("BOGUS", a("c.example.com", "192.0.2.9"))))[0]
seen["noTtl"] = refusal(lambda: change(("CREATE", {k: v for k, v in a("c.example.com", "192.0.2.9").items() if k != "TTL"})))
pages = client.get_paginator("list_resource_record_sets").paginate(HostedZoneId=zone, PaginationConfig={"PageSize": 1})
listed = [(item["Name"], item["Type"]) for page in pages for item in page["ResourceRecordSets"]]
seen["listed"] = listed
seen["zone"] = client.get_hosted_zone(Id=zone)["HostedZone"]["Name"]
seen["byName"] = client.list_hosted_zones_by_name(DNSName="example.com", MaxItems="1")["HostedZones"][0]["Id"]
seen["noZone"] = refusal(lambda: client.get_hosted_zone(Id="ZNONE"))[0]
seen["wrongSecret"] = refusal(lambda: connect("wrong").get_hosted_zone(Id=zone))[0]
print(json.dumps(seen))
