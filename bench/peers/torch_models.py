"""The networks and the losses of the PyTorch peers, as Potstill's families have them."""

import torch
import torch.nn as nn
import torch.nn.functional as F

def mlp(*sizes):
    layers = []
    for a, b in zip(sizes, sizes[1:]):
        layers += [nn.Linear(a, b), nn.ReLU()]
    return nn.Sequential(*layers[:-1])


def cnn():
    return nn.Sequential(
        nn.Conv2d(1, 32, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(32, 64, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(3136, 128), nn.ReLU(), nn.Linear(128, 10),
    )


class Residual(nn.Module):
    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.branch = nn.Sequential(
            nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False), nn.BatchNorm2d(outputs), nn.ReLU(),
            nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False), nn.BatchNorm2d(outputs),
        )
        self.shortcut = nn.Identity() if stride == 1 else nn.Conv2d(inputs, outputs, 1, stride)

    def forward(self, x):
        return F.relu(self.branch(x) + self.shortcut(x))


def resnet8():
    return nn.Sequential(
        nn.Conv2d(3, 16, 3, 1, 1, bias=False), nn.BatchNorm2d(16), nn.ReLU(),
        Residual(16, 16, 1), Residual(16, 32, 2), Residual(32, 64, 2),
        nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(64, 10),
    )


def ds_cnn(c):
    def block():
        return [
            nn.Conv2d(c, c, 3, 1, 1, groups=c, bias=False), nn.BatchNorm2d(c), nn.ReLU(),
            nn.Conv2d(c, c, 1, bias=False), nn.BatchNorm2d(c), nn.ReLU(),
        ]

    return nn.Sequential(
        nn.Conv2d(1, c, (10, 4), 2, (5, 1), bias=False), nn.BatchNorm2d(c), nn.ReLU(),
        *block(), *block(), *block(), *block(),
        nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(c, 12),
    )


class Gru(nn.Module):
    def __init__(self, units, levels):
        super().__init__()
        self.gru = nn.GRU(40, units, levels, batch_first=True)
        self.output = nn.Linear(units, 12)

    def forward(self, x):
        return self.output(self.gru(x)[0][:, -1])


class Transformer(nn.Module):
    def __init__(self):
        super().__init__()
        self.tokens = nn.Embedding(1000, 128)
        self.positions = nn.Parameter(torch.zeros(64, 128))
        layer = nn.TransformerEncoderLayer(128, 4, 512, 0.0, "gelu", batch_first=True, norm_first=True)
        self.layers = nn.TransformerEncoder(layer, 2, nn.LayerNorm(128), enable_nested_tensor=False)
        self.output = nn.Linear(128, 10)

    def forward(self, x):
        return self.output(self.layers(self.tokens(x) + self.positions).mean(1))


# name: network, shape of a sample, batch, classes
CASES = {
    "mlp-1200": (lambda: mlp(784, 1200, 1200, 10), (784,), 128, 10),
    "mlp-30": (lambda: mlp(784, 30, 30, 10), (784,), 128, 10),
    "cnn": (cnn, (1, 28, 28), 64, 10),
    "resnet8": (resnet8, (3, 32, 32), 64, 10),
    "ds-cnn": (lambda: ds_cnn(64), (1, 49, 10), 64, 12),
    "ds-cnn-16": (lambda: ds_cnn(16), (1, 49, 10), 64, 12),
    "gru-128": (lambda: Gru(128, 2), (49, 40), 64, 12),
    "gru-32": (lambda: Gru(32, 1), (49, 40), 64, 12),
    "transformer": (Transformer, (64,), 32, 10),
}


def case_of(name):
    """mlp:HIDDEN:BATCH:SAMPLES is a perceptron of any size; 4096 samples otherwise."""
    if not name.startswith("mlp:"):
        return *CASES[name], 4096
    hidden, batch, samples = map(int, name.split(":")[1:])
    return (lambda: mlp(784, hidden, hidden, 10)), (784,), batch, 10, samples


T = 4.0


def distillation_loss(z, y, v):
    """0.1 of the labels' cross-entropy, 0.9 of the softened KL; v: the teacher's logits."""
    soft = F.kl_div(F.log_softmax(z / T, -1), F.log_softmax(v / T, -1), reduction="batchmean", log_target=True)
    return 0.1 * F.cross_entropy(z, y) + 0.9 * T * T * soft
