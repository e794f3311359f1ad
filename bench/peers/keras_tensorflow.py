#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The tutorial's network in Keras on TensorFlow (a peer as peer.py says), by the calls that Keras has for one batch,
both compiled graphs: train_on_batch and predict_on_batch. XLA (jit_compile) is faster for one image only; TensorFlow's
own kernels, with oneDNN, are faster for a batch."""

import os

os.environ.update(KERAS_BACKEND="tensorflow", CUDA_VISIBLE_DEVICES="", TF_CPP_MIN_LOG_LEVEL="2")

import keras
import tensorflow
from keras import layers

import peer


def network():
    net = [layers.Conv2D(64, 3, activation="relu", kernel_regularizer=keras.regularizers.L2(0.01))]
    for filters, convolutions in ((64, 1), (128, 2), (256, 2), (512, 2)):
        for _ in range(convolutions):
            net += [layers.Conv2D(filters, 3, padding="same", activation="relu"), layers.BatchNormalization()]
        net += [layers.MaxPooling2D(), layers.Dropout(0.5)]
    net += [layers.Flatten()]
    for units, rate in ((512, 0.4), (256, 0.4), (128, 0.5)):
        net += [layers.Dense(units, activation="relu"), layers.Dropout(rate)]
    return keras.Sequential([keras.Input((48, 48, 1)), *net, layers.Dense(7, activation="softmax")])


def train_step(batch):
    model, x, labels = network(), tensorflow.random.uniform((batch, 48, 48, 1)), tensorflow.range(batch) % 7
    model.compile(keras.optimizers.Adam(1e-3), "sparse_categorical_crossentropy", jit_compile=False)
    return lambda: model.train_on_batch(x, labels)


def inference(batch):
    model, x = network(), tensorflow.random.uniform((batch, 48, 48, 1))
    model.compile(jit_compile=batch == 1)
    return lambda: model.predict_on_batch(x)


def product(batch):
    a = tensorflow.random.uniform((peer.PRODUCT, peer.PRODUCT))
    return lambda: (a @ a).numpy()


works = {"product": product, "train_step": train_step, "inference": inference}
arguments = peer.arguments(works)
tensorflow.config.threading.set_intra_op_parallelism_threads(arguments.threads)
tensorflow.config.threading.set_inter_op_parallelism_threads(1)
keras.utils.set_random_seed(0)
peer.measure(f"{keras.__version__} on TensorFlow {tensorflow.__version__}", works[arguments.work](arguments.batch),
             arguments.seconds)
