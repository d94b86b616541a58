"""Writes test/golden/losses/teacher-classes.json: distillation terms over the teacher's classes alone.

A teacher knows classes 3, 0 and 4 of five, in that order; the student has logits of all five. The
term is the loss of the student's logits of these classes. Formulas in PyTorch, independently of
Potstill; gradients are with respect to all of the student's logits.

    python3 scripts/golden/teacher_classes.py        (PyTorch 2.6, float64)
"""

import json
import pathlib

import torch

torch.set_default_dtype(torch.float64)
FILE = pathlib.Path(__file__).resolve().parents[2] / "test/golden/losses/teacher-classes.json"
SAMPLES, CLASSES, MEMBERS = 6, 5, 2
COLUMNS = [3, 0, 4]
T = 2.5


def kl(q_logits, p):
    """T² · Σ weights · KL(p || q) of softened distributions."""
    log_q = torch.log_softmax(q_logits / T, 1)
    return T * T * (WEIGHTS * (p * (p.log() - log_q)).sum(1)).sum()


def soft_targets(student, teacher):
    p = torch.softmax(teacher / T, -1).mean(1)  # arithmetic mean of members
    return kl(student[:, COLUMNS], p)


def logits(student, teacher):
    """Squared error of zero-mean logits, mean over classes, halved."""
    z, v = student[:, COLUMNS], teacher.mean(1)
    z, v = z - z.mean(1, keepdim=True), v - v.mean(1, keepdim=True)
    return (WEIGHTS * ((z - v) ** 2).mean(1)).sum() / 2


def total_variation(student, teacher):
    p = torch.softmax(teacher / T, -1).mean(1)
    return (WEIGHTS * 0.5 * (p - torch.softmax(student[:, COLUMNS] / T, 1)).abs().sum(1)).sum()


torch.manual_seed(20161)
STUDENT = 3 * torch.randn(SAMPLES, CLASSES)
TEACHER = 3 * torch.randn(SAMPLES, MEMBERS, len(COLUMNS))
WEIGHTS = torch.tensor([1, 0, 0.5, 0.25, 1, 0.25]) / 3


def case(name, loss_of):
    student = STUDENT.clone().requires_grad_()
    loss = loss_of(student, TEACHER)
    (gradient,) = torch.autograd.grad(loss, student)
    return {"name": name, "loss": loss.item(), "gradient": gradient.flatten().tolist()}


CASES = [
    case("softTargets", soft_targets),
    case("logits", logits),
    case("totalVariation", total_variation),
]
FILE.write_text(
    json.dumps(
        {
            "torch": torch.__version__,
            "script": "scripts/golden/teacher_classes.py",
            "classes": CLASSES,
            "columns": COLUMNS,
            "temperature": T,
            "student": STUDENT.flatten().tolist(),
            "teacher": TEACHER.flatten().tolist(),
            "weights": WEIGHTS.tolist(),
            "cases": CASES,
        },
        indent=1,
    )
    + "\n"
)
