"""`fit` of MXNet's Module."""

from frameworks.mxnet import assert_applied, build, record  # before mxnet, which reads names that NumPy has dropped
from frameworks.schedule import Cosine

import mxnet as mx

SCHEDULE = Cosine(base_lr=0.3, final_lr=0.01, updates=24)

outputs = mx.sym.LinearRegressionOutput(mx.sym.FullyConnected(mx.sym.var("data"), num_hidden=1), name="lro")
module = mx.mod.Module(outputs, label_names=["lro_label"])
batches = mx.io.NDArrayIter(mx.nd.ones((32, 2)), mx.nd.ones((32, 1)), batch_size=4, label_name="lro_label")
module.bind(batches.provide_data, batches.provide_label)
module.init_params()
module.init_optimizer(optimizer="sgd", optimizer_params={"lr_scheduler": build(SCHEDULE)})
with record(module, "rates.csv") as rates:
    module.fit(batches, num_epoch=3, eval_metric="mse")
assert_applied(rates, SCHEDULE)
