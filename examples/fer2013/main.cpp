// SPDX-License-Identifier: MIT
// The command line of fer2013.
#include <ferlab/core/error.hpp>
#include <ferlab/version.hpp>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <cstdlib>
#include <exception>

#include "commands.hpp"

namespace {

using namespace fer2013;

void add_labels(CLI::App* command, Common& o) {
  command
      ->add_option(
          "--labels", o.labels,
          "What labels (or folders called) 0, 1, ... mean, if not Angry,Disgust,Fear,Happy,Sad,Surprise,Neutral: names "
          "of those, - for what is left out")
      ->delimiter(',')
      ->type_name("NAME,...");
}
CLI::Option* add_data(CLI::App* command, Common& o) {
  command->add_flag("--skip-bad-rows", o.skip_bad_rows,
                    "Drop and count malformed rows (files of a folder) instead of stopping at them");
  add_labels(command, o);
  command->add_option("--faces", o.faces, "How many built-in faces, where there is no --data")
      ->check(CLI::Range(70, 1000000))
      ->capture_default_str();
  return command
      ->add_option("--data", o.data,
                   "The CSV: emotion,pixels,Usage as in Kaggle's fer2013.csv; or a folder of pictures: train/angry/*, "
                   "val/angry/*, test/angry/*, ..., or angry/*, ... (default: built-in faces)")
      ->type_name("FILE|FOLDER");
}
void add_usage(CLI::App* command, Common& o) {
  command
      ->add_option("--usage", o.usage,
                   "Only the rows of this Usage: Training, PublicTest, PrivateTest; or train, val, test")
      ->type_name("USAGE");
}
/// The environment's FERLAB_WEIGHTS, or those of the source tree.
std::string shipped_weights() {
  const char* path = std::getenv("FERLAB_WEIGHTS");
  return path ? path : FERLAB_SHIPPED_WEIGHTS;
}
void add_preprocessing(CLI::App* command, Common& o) {
  command
      ->add_option("--preprocessing", o.preprocessing,
                   "Of a model of Keras, ONNX or PyTorch whose file does not say it: raw (pixels 0..255), rescale "
                   "(0..1), or SCALE,OFFSET for pixel * SCALE + OFFSET")
      ->type_name("HOW");
}
void add_model(CLI::App* command, Common& o) {
  o.model = shipped_weights();
  command->add_option("--model", o.model, "The weights (default: those that come with ferlab)")
      ->type_name("FILE")
      ->capture_default_str();
  add_preprocessing(command, o);
}
void add_running(CLI::App* command, Common& o) {
  command->add_option("--threads", o.threads, "Threads; 0: all cores")
      ->check(CLI::Range(0, 1024))
      ->capture_default_str();
  command->add_option("--device", o.device, "cpu, or cuda: the first CUDA device")
      ->check(CLI::IsMember({"cpu", "cuda"}))
      ->capture_default_str();
  command->add_option("--precision", o.precision, "Of --device cuda")
      ->check(CLI::IsMember({"bf16", "tf32", "fp32"}))
      ->capture_default_str();
  command->add_flag("--json", o.json, "The result as JSON on standard output");
}
CLI::Option* add_net(CLI::App* command, std::string& net) {
  return command->add_option("--net", net, "compact (minutes on a laptop) or tutorial (20 times the work)")
      ->check(CLI::IsMember({"compact", "tutorial"}))
      ->capture_default_str();
}
/// What keeps a net from learning its faces by heart.
CLI::App* add_regularization(CLI::App* command, TrainOptions& o) {
  auto* group = command->add_option_group("Regularization", "What keeps the net from learning its faces by heart");
  group->add_flag("!--no-augmentation", o.augmentation,
                  "Train on the faces as they are, never mirrored, moved, turned or zoomed");
  group->add_flag("!--no-dropout", o.dropout, "Let the net keep all of its activations");
  group->add_option("--l2", o.l2, "L2 regularization of all kernels, in place of the net's own")
      ->check(CLI::NonNegativeNumber);
  group->add_option("--label-smoothing", o.label_smoothing, "Share of a label given to all classes")
      ->check(CLI::Range(0.0, 0.99))
      ->capture_default_str();
  group->add_flag("--constant-learning-rate", o.constant_learning_rate,
                  "Keep the first learning rate, which otherwise falls to 0 along a cosine");
  return group;
}

int run(int argc, char** argv) {
  CLI::App app{
      "Facial expressions from 48x48 grey faces: train, evaluate, predict, live demo.\n\n"
      "  fer2013 train --data fer2013.csv             train on Kaggle's CSV, or on a folder of pictures (without "
      "--data: on built-in faces)\n"
      "  fer2013 evaluate --data fer2013.csv --usage PrivateTest --model fer2013-compact/best.safetensors\n"
      "  fer2013 predict face.png                     with the weights that come with ferlab\n"
      "  fer2013 demo                                 the camera, live; q quits\n",
      "fer2013"};
  app.set_version_flag("--version", FERLAB_VERSION);
  app.require_subcommand(1);
  int status = 0;

  TrainOptions train_options;
  auto* train_command = app.add_subcommand("train", "Train a net; the best model on PublicTest is kept");
  add_data(train_command, train_options);
  add_running(train_command, train_options);
  auto* net = add_net(train_command, train_options.net);
  train_command
      ->add_option("--output", train_options.output, "Folder for weights, report and logs (default: fer2013-<net>)")
      ->type_name("DIR");
  train_command->add_option("--seed", train_options.seed, "Of weights, shuffles and dropout")->capture_default_str();
  train_command
      ->add_option("--epochs", train_options.epochs,
                   "(default: 30 for compact, 12 on built-in faces; 60 for tutorial, 100 with --tutorial)")
      ->check(CLI::PositiveNumber);
  train_command->add_option("--batch-size", train_options.batch_size)
      ->check(CLI::Range(1, 65536))
      ->capture_default_str();
  train_command
      ->add_option("--learning-rate", train_options.learning_rate,
                   "The first one (default: 0.002 for compact, 0.001 for tutorial)")
      ->check(CLI::PositiveNumber);
  train_command->add_flag("--resume", train_options.resume,
                          "Go on where an interrupted run in --output stopped, bit for bit");
  train_command
      ->add_option("--save-freq-seconds", train_options.save_freq_seconds,
                   "Save the training so often, to be resumed; 0: after each batch")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  train_command->add_flag("--half", train_options.half, "Keep the weights in 16 bits: half the size");
  auto* regularization = add_regularization(train_command, train_options);
  train_command->add_flag("--quiet", train_options.quiet, "No progress display");
  auto* tutorial = train_command
                       ->add_flag("--tutorial", train_options.tutorial,
                                  "Exactly as the Keras tutorial: its net, raw pixels, its random splits and callbacks")
                       ->excludes(net);
  regularization->excludes(tutorial);
  train_command->callback([&] { status = train(train_options); });

  Common evaluate_options;
  auto* evaluate_command = app.add_subcommand("evaluate", "Score a model on labelled images");
  add_data(evaluate_command, evaluate_options);
  add_usage(evaluate_command, evaluate_options);
  add_model(evaluate_command, evaluate_options);
  add_running(evaluate_command, evaluate_options);
  evaluate_command
      ->add_option("--output", evaluate_options.output,
                   "Folder for report.html: confusion matrix, calibration, most confident mistakes")
      ->type_name("DIR");
  evaluate_command->callback([&] { status = evaluate(evaluate_options); });

  PredictOptions predict_options;
  auto* predict_command =
      app.add_subcommand("predict", "The expression in pictures of faces, or in rows of a CSV or a folder");
  predict_command->add_option("images", predict_options.images,
                              "Pictures, each filled by one face (PNG and JPEG need OpenCV; PGM does not)");
  predict_command
      ->add_option("--data", predict_options.data,
                   "Instead of pictures, a CSV, whose labels may be missing, or a folder of classes")
      ->type_name("FILE|FOLDER");
  add_labels(predict_command, predict_options);
  predict_command->add_flag("--skip-bad-rows", predict_options.skip_bad_rows,
                            "Drop and count malformed rows (files of a folder)");
  add_usage(predict_command, predict_options);
  add_model(predict_command, predict_options);
  add_running(predict_command, predict_options);
  predict_command->callback([&] {
    if (predict_options.images.empty() && predict_options.data.empty())
      throw ferlab::ArgumentError("predict: expected picture files or --data, got neither");
    status = predict(predict_options);
  });

  CompareOptions compare_options;
  auto* compare_command = app.add_subcommand("compare", "Trainings side by side: the best and the last accuracy");
  compare_command
      ->add_option("folders", compare_options.folders,
                   "Each the --output of a training, or a folder of several that differ in their seed")
      ->required()
      ->type_name("DIR");
  compare_command
      ->add_option("--output", compare_options.output, "Folder for charts of the first against each of the others")
      ->type_name("DIR");
  compare_command->callback([&] { status = compare(compare_options); });

  std::string summary_net = "compact";
  auto* summary_command = app.add_subcommand("summary", "The layers of a net, their shapes and parameters");
  add_net(summary_command, summary_net);
  summary_command->callback([&] { status = summary(summary_net); });

  Common describe_options;
  auto* describe_command =
      app.add_subcommand("describe", "What is in a CSV or a folder: classes, duplicates, conflicts, last rows");
  add_data(describe_command, describe_options);
  add_usage(describe_command, describe_options);
  describe_command->callback([&] { status = describe(describe_options); });

  Common faces_options;
  faces_options.output = "faces.csv";
  auto* faces_command = app.add_subcommand("faces", "Write the built-in faces as a CSV");
  faces_command->add_option("--output", faces_options.output, "The CSV")->type_name("FILE")->capture_default_str();
  faces_command->add_option("--faces", faces_options.faces, "How many")
      ->check(CLI::Range(1, 1000000))
      ->capture_default_str();
  faces_command->add_option("--seed", faces_options.seed)->capture_default_str();
  faces_command->callback([&] { status = faces(faces_options); });

  DemoOptions demo_options;
  auto* demo_command = app.add_subcommand(
      "demo", "Faces from a camera, a video or pictures, with box, label and probabilities; q quits");
  demo_command->add_option("--camera", demo_options.camera, "Which camera")->capture_default_str();
  demo_command->add_option("--video", demo_options.video, "A video file instead of a camera");
  demo_command->add_option("--images", demo_options.images, "Pictures instead of a camera");
  demo_command->add_option(
      "--detector", demo_options.detector,
      "A Haar or LBP cascade file, or \"whole\": the whole picture is a face (default: OpenCV's frontal face)");
  demo_command->add_option("--margin", demo_options.margin, "Added around a face, as a share of its size")
      ->check(CLI::Range(0.0, 1.0))
      ->capture_default_str();
  demo_command->add_option("--threshold", demo_options.threshold, "Below this probability the label is \"unsure\"")
      ->check(CLI::Range(0.0, 1.0))
      ->capture_default_str();
  demo_command
      ->add_option("--smoothing", demo_options.smoothing, "Share of the past in the probabilities of a face that stays")
      ->check(CLI::Range(0.0, 0.99))
      ->capture_default_str();
  demo_command
      ->add_option("--max-frames", demo_options.max_frames,
                   "Stop after so many frames, and wait for no key at pictures; 0: never")
      ->check(CLI::NonNegativeNumber);
  demo_command
      ->add_option("--output", demo_options.output, "Folder for the annotated video or pictures, instead of a window")
      ->type_name("DIR");
  add_model(demo_command, demo_options);
  add_running(demo_command, demo_options);
  demo_command->callback([&] { status = demo(demo_options); });

  ExportOptions export_options;
  auto* export_command = app.add_subcommand("export", "Write a model for Keras, ONNX or PyTorch");
  export_command
      ->add_option("--to", export_options.to,
                   "keras (.keras), h5 (any Keras from 2.0.5 on), onnx, or safetensors (PyTorch's state_dict)")
      ->required()
      ->check(CLI::IsMember({"keras", "h5", "onnx", "safetensors"}));
  export_command->add_option("--output", export_options.output, "The file (default: named after the model)")
      ->type_name("FILE");
  export_command->add_flag("--with-preprocessing", export_options.with_preprocessing,
                           "Let the file prepare the pixels itself: its inputs are then 0..255");
  export_command->add_flag("--uint8", export_options.uint8, "Of onnx: the same, with bytes as the input's type");
  add_model(export_command, export_options);
  export_command->callback([&] {
    if (export_options.uint8 && export_options.to != "onnx")
      throw ferlab::ArgumentError("--uint8: expected with --to onnx, got --to " + export_options.to);
    status = export_model(export_options);
  });

  ImportOptions import_options;
  auto* import_command = app.add_subcommand("import", "Make a model of ferlab's from one of Keras, ONNX or PyTorch");
  import_command->add_option("file", import_options.file, ".keras, .h5, .hdf5, .onnx, or .safetensors of a state_dict")
      ->required()
      ->type_name("FILE");
  import_command->add_option("--output", import_options.output, "The file (default: FILE's name.safetensors)")
      ->type_name("FILE");
  add_preprocessing(import_command, import_options);
  import_command->callback([&] { status = import_model(import_options); });

  std::string inspected;
  auto* inspect_command =
      app.add_subcommand("inspect", "The network of a file of Keras, ONNX or PyTorch as C++ source, ready to paste");
  inspect_command->add_option("file", inspected)->required()->type_name("FILE");
  inspect_command->callback([&] { status = inspect(inspected); });

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return app.exit(error);  // --help, --version
    const auto unknown = app.remaining();
    throw ferlab::ArgumentError(
        (argc > 1 && !unknown.empty() && app.get_subcommands().empty() ? "there is no command " + unknown.front()
                                                                       : std::string(error.what())) +
        " (see fer2013 " + (app.get_subcommands().empty() ? "" : app.get_subcommands().front()->get_name() + " ") +
        "--help)");
  }
  return status;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const std::exception& error) {
    std::fflush(stdout);
    std::fprintf(stderr, "fer2013: %s\n", error.what());
    return 1;
  }
}
