# SPDX-License-Identifier: Apache-2.0
"""From a picture's bytes to its stored result: decode, find, classify, commit, and only then."""

from collections.abc import Callable
from typing import Any

from emorec_service.settings import Settings
from emorec_service.store.results import Store
from emorec_service.store.tables import PictureRow
from emorec_service.worker import Worker
from emorec_service.worker_pool import WorkerPool
from emorec_vision.emotions import EMOTIONS


class Analysis:
    """What every request shares: the settings, the workers and the store.

    Args:
        settings: what the service is told at its start.

    Raises:
        InputError: if the model, the folder of people or the store cannot be used.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.store = Store(settings.db, settings.pictures)
        self.pool = WorkerPool(settings.model, settings.work, settings.workers, settings.waiting,
                               str(settings.people or ''))
        self._pictures = 0
        self._faces = 0

    async def answer(self, read: Callable[[], bytes], file_name: str,
                     threshold: float) -> PictureRow:
        """Return the result of one picture, once it is stored.

        Args:
            read: returns the bytes of its file; called in a worker thread.
            file_name: what to call it in the history.
            threshold: 0..1, see tables.PictureRow.

        Raises:
            Refused: if it is no picture to work on.
            SQLAlchemyError: if the result cannot be stored.
            OSError: if the picture cannot be kept.
        """
        def work(worker: Worker) -> PictureRow:
            return self.store.add(worker.look(read()), file_name, threshold)
        row = await self.pool.run(work)
        self._pictures += 1
        self._faces += len(row.faces)
        return row

    def emotions(self) -> list[str]:
        """Return what faces can show: the seven, what the model tells and the history holds."""
        return list(dict.fromkeys([*EMOTIONS, *self.pool.model.labels, *self.store.labels()]))

    def health(self) -> dict[str, Any]:
        """Return the values of messages.Health."""
        pool = self.pool
        return {'status': 'ok', 'model': pool.model.name, 'workers': pool.workers,
                'busy': pool.taken, 'places': pool.places, 'refused': pool.refused,
                'pictures_answered': self._pictures, 'faces_found': self._faces,
                'workers_replaced': pool.replaced,
                'seconds_per_picture': round(pool.seconds_each, 4)}

    def close(self) -> None:
        """Finish what is at work and close the store."""
        self.pool.close()
        self.store.close()
