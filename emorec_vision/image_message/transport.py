# SPDX-License-Identifier: Apache-2.0
"""The ways in which images are published, by the names that ROS's image_transport has for them.

Compressed images are on a topic below that of the raw ones, `image_raw/compressed`, whether a
driver publishes both or only the former.
"""

RAW = 'raw'
COMPRESSED = 'compressed'
"""JPEG, or PNG, which serves for depth of 16 bits too"""
COMPRESSED_DEPTH = 'compressedDepth'
AS_IMAGES = 'auto'
"""For depth: raw beside raw images, compressedDepth beside compressed ones."""
TRANSPORTS = (RAW, COMPRESSED)
DEPTH_TRANSPORTS = (AS_IMAGES, RAW, COMPRESSED_DEPTH, COMPRESSED)


def base_topic(topic: str) -> str:
    """Return the topic of raw images that one of compressed images belongs to, or itself."""
    return topic.removesuffix(f'/{COMPRESSED}').removesuffix(f'/{COMPRESSED_DEPTH}')


def transport_topic(topic: str, transport: str) -> str:
    """Return the topic of images that are published with a transport.

    `topic` is that of the raw images; one of compressed images stays as it is.
    """
    return topic if transport == RAW or base_topic(topic) != topic else f'{topic}/{transport}'


def depth_transport(transport: str, images: str) -> str:
    """Return the transport of depth, of DEPTH_TRANSPORTS, beside images with one of TRANSPORTS."""
    if transport != AS_IMAGES:
        return transport
    return RAW if images == RAW else COMPRESSED_DEPTH
