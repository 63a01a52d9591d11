"""Lightning's Trainer."""

import lightning
import torch

from frameworks.schedule import Cosine
from frameworks.torch import assert_applied, build, record

SCHEDULE = Cosine(base_lr=0.3, final_lr=0.01, updates=24)


class Recorded(lightning.Callback):
    rates = None

    def on_train_start(self, trainer, module):
        self.rates = record(trainer.optimizers[0], f"rates-{trainer.global_rank}.csv", start=trainer.global_step)

    def on_train_end(self, trainer, module):
        self.rates.close()

    def on_exception(self, trainer, module, exception):
        if self.rates is not None:
            self.rates.close()


class Net(lightning.LightningModule):
    def __init__(self):
        super().__init__()
        self.layer = torch.nn.Linear(2, 1)

    def training_step(self, batch, number):
        return self.layer(batch).mean()

    def configure_optimizers(self):
        optimizer = torch.optim.SGD(self.parameters(), lr=0.3)
        scheduler = build(SCHEDULE, optimizer)
        return {"optimizer": optimizer, "lr_scheduler": {"scheduler": scheduler, "interval": "step"}}


recorded = Recorded()
trainer = lightning.Trainer(max_epochs=3, callbacks=[recorded], accelerator="cpu", logger=False,
                            enable_checkpointing=False, enable_progress_bar=False, enable_model_summary=False)
trainer.fit(Net(), torch.utils.data.DataLoader(torch.ones(32, 2), batch_size=4))
assert_applied(recorded.rates, SCHEDULE)
