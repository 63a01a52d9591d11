"""The sizes of the chapter's trainings: LeNet on Fashion-MNIST's 60,000 training images."""

#: Images per update, and updates per epoch; the last batch has the 96 images that are left.
BATCH = 256
EPOCH = 235
