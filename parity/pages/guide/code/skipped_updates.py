def update(scaler, optimizer, scheduler):
    scale = scaler.get_scale()
    scaler.step(optimizer)
    scaler.update()
    if scaler.get_scale() >= scale:  # it falls where the update was skipped
        scheduler.step()
