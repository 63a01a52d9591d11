"""Step a torch scheduler only after updates that a GradScaler did not skip."""


def update(scaler, optimizer, scheduler):
    """Make one update; call it instead of scaler.step, scaler.update and scheduler.step."""
    scale = scaler.get_scale()
    scaler.step(optimizer)
    scaler.update()
    if scaler.get_scale() >= scale:  # the scale decreases when an update is skipped
        scheduler.step()
