#!/usr/bin/env python3
"""Seeds for s3_documents_fuzz: s3_documents_seeds.py CORPUS writes one document of each kind."""

import pathlib
import sys

DOCUMENTS = [  # in the order of the target
    "<AccelerateConfiguration><Status>Enabled</Status></AccelerateConfiguration>",
    "<CORSConfiguration><CORSRule><AllowedOrigin>https://*.test</AllowedOrigin><AllowedMethod>GET</AllowedMethod><AllowedHeader>*</AllowedHeader>"
    "<ExposeHeader>ETag</ExposeHeader><MaxAgeSeconds>60</MaxAgeSeconds></CORSRule></CORSConfiguration>",
    "<ServerSideEncryptionConfiguration><Rule><ApplyServerSideEncryptionByDefault><SSEAlgorithm>AES256</SSEAlgorithm>"
    "</ApplyServerSideEncryptionByDefault></Rule></ServerSideEncryptionConfiguration>",
    "<LifecycleConfiguration><Rule><Filter><And><Prefix>a</Prefix><Tag><Key>k</Key><Value>v</Value></Tag></And></Filter><Status>Enabled</Status>"
    "<Expiration><Days>1</Days></Expiration></Rule></LifecycleConfiguration>",
    "<ObjectLockConfiguration><ObjectLockEnabled>Enabled</ObjectLockEnabled><Rule><DefaultRetention><Mode>GOVERNANCE</Mode><Days>1</Days>"
    "</DefaultRetention></Rule></ObjectLockConfiguration>",
    "<OwnershipControls><Rule><ObjectOwnership>ObjectWriter</ObjectOwnership></Rule></OwnershipControls>",
    '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::one/*"}]}',
    "<PublicAccessBlockConfiguration><BlockPublicAcls>true</BlockPublicAcls></PublicAccessBlockConfiguration>",
    "<Tagging><TagSet><Tag><Key>k</Key><Value>v</Value></Tag></TagSet></Tagging>",
    "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>",
    "<WebsiteConfiguration><IndexDocument><Suffix>i</Suffix></IndexDocument><RoutingRules><RoutingRule><Redirect><HostName>h</HostName>"
    "</Redirect></RoutingRule></RoutingRules></WebsiteConfiguration>",
]
for number, document in enumerate(DOCUMENTS):
    pathlib.Path(sys.argv[1], str(number)).write_bytes(bytes([number]) + document.encode())
