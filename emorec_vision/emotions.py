# SPDX-License-Identifier: Apache-2.0
"""The seven emotions, defined once for training, inference and messages."""

EMOTIONS: tuple[str, ...] = ('Angry', 'Disgust', 'Fear', 'Happy', 'Sad', 'Surprise', 'Neutral')
"""Names in the order of FER2013's labels 0..6 and of the constants in msg/Emotion.msg."""
