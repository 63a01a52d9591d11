"""The Trainer of transformers."""

import torch
from transformers import Trainer, TrainingArguments

from frameworks.schedule import Cosine
from frameworks.torch import assert_applied, build, record

SCHEDULE = Cosine(base_lr=0.3, final_lr=0.01, updates=24)


class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = torch.nn.Linear(2, 1)

    def forward(self, inputs):
        return {"loss": self.layer(inputs).mean()}


net = Net()
optimizer = torch.optim.SGD(net.parameters(), lr=0.3)
scheduler = build(SCHEDULE, optimizer)
options = TrainingArguments("out", num_train_epochs=3, per_device_train_batch_size=4, gradient_accumulation_steps=2,
                            use_cpu=True, save_strategy="no", report_to="none", disable_tqdm=True)
data = [{"inputs": torch.ones(2)} for _ in range(64)]
trainer = Trainer(net, options, train_dataset=data, optimizers=(optimizer, scheduler))
with record(optimizer, f"rates-{options.process_index}.csv") as rates:
    trainer.train()
assert_applied(rates, SCHEDULE)
