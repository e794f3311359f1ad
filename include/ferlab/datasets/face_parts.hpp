// SPDX-License-Identifier: MIT
// What a built-in face looks like: seven expressions as movements of brows, lids, nose and mouth, and a head to draw
// them on. The movements follow Ekman and Friesen's Facial Action Coding System (1978); AU n is its action unit n.
#pragma once

#include <array>
#include <cmath>
#include <cstddef>

#include "ferlab/datasets/face_canvas.hpp"

namespace ferlab::datasets::detail {

/// How far each part moves from rest. 1 is a full movement.
struct Movement {
  float inner_brow = 0;  ///< AU1 raised, negative: AU4 lowered
  float outer_brow = 0;  ///< AU2 raised, negative lowered
  float frown = 0;       ///< AU4 brows drawn together
  float lids = 0;        ///< AU5 upper lid raised, negative: drooping
  float squint = 0;      ///< AU6, AU7 lower lid raised
  float nose = 0;        ///< AU9 nose wrinkled
  float corners = 0;     ///< AU12 lip corners up, negative: AU15 down
  float stretch = 0;     ///< AU20 mouth wider, negative: narrower
  float jaw = 0;         ///< AU26 mouth open
  float upper_lip = 0;   ///< AU10 upper lip raised
  float press = 0;       ///< AU23, AU24 lips thin
  float teeth = 0;       ///< how much of the opening shows teeth
};

/// The expressions in FER2013's order, each with the lips closed and parted: many show both ways.
constexpr std::array<std::array<Movement, 2>, 7> expressions() {
  return {{
      {{{-.9f, .15f, .9f, .25f, .7f, .3f, -.25f, -.2f, .0f, .0f, .9f, .0f},   // Angry: AU4 5 7 23
        {-1.f, .1f, .9f, .4f, .6f, .4f, -.3f, .15f, .45f, .5f, .2f, .9f}}},   //   and AU25, teeth bared
      {{{-.5f, -.4f, .5f, -.3f, .8f, 1.f, -.5f, -.1f, .0f, .8f, .1f, .0f},    // Disgust: AU9 15 16
        {-.6f, -.3f, .4f, -.4f, .9f, 1.f, -.3f, .05f, .3f, 1.f, .0f, .5f}}},  //   and AU10 25
      {{{.9f, .4f, .7f, .8f, .0f, .0f, -.25f, .5f, .1f, .0f, .2f, .0f},       // Fear: AU1 2 4 5 20
        {1.f, .5f, .6f, 1.f, .0f, .0f, -.2f, .5f, .45f, .1f, .0f, .4f}}},     //   and AU26
      {{{.05f, .0f, .0f, -.1f, .6f, .0f, .9f, .4f, .0f, .0f, .2f, .0f},       // Happy: AU6 12
        {.1f, .1f, .0f, -.1f, .8f, .0f, 1.f, .5f, .4f, .2f, .0f, 1.f}}},      //   and AU25, a grin
      {{{.9f, -.4f, .5f, -.5f, .1f, .0f, -.8f, -.15f, .0f, .0f, .1f, .0f},    // Sad: AU1 4 15
        {.8f, -.4f, .5f, -.6f, .4f, .1f, -.9f, .1f, .2f, .0f, .0f, .2f}}},    //   and AU25, weeping
      {{{.9f, .9f, .0f, .8f, .0f, .0f, .0f, -.3f, .35f, .0f, .0f, .0f},       // Surprise: AU1 2 5
        {1.f, 1.f, .0f, 1.f, .0f, .0f, .0f, -.45f, 1.f, .0f, .0f, .1f}}},     //   and AU26 27
      {{{.0f, .0f, .0f, .0f, .0f, .0f, .0f, .0f, .0f, .0f, .0f, .0f},         // Neutral
        {.0f, .0f, .0f, -.1f, .0f, .0f, .05f, .0f, .15f, .0f, .0f, .1f}}},    //   lips parted
  }};
}

/// What a person brings along, whatever the expression.
struct Person {
  float skin, hair, iris, lips;
  float width, jaw_width, brow_height, brow_width, eye_size, eye_distance, nose_length, mouth_width, mouth_height,
      lip_width;
  float hairline, parting, hair_volume, long_hair, beard, moustache, wrinkles, glasses;
};

inline Person draw_person(Draw& draw) {
  Person p{};
  p.skin = draw.uniform(0.38f, 0.88f);
  p.hair = draw.chance(0.2f) ? draw.uniform(0.5f, 0.9f) : draw.uniform(0.03f, 0.35f);
  p.iris = draw.uniform(0.05f, 0.4f);
  p.lips = p.skin * draw.uniform(0.6f, 0.9f);
  p.width = draw.uniform(0.7f, 0.86f);
  p.jaw_width = draw.uniform(0.55f, 0.95f);
  p.brow_height = draw.uniform(-0.36f, -0.25f);
  p.brow_width = draw.uniform(0.05f, 0.12f);
  p.eye_size = draw.uniform(0.14f, 0.2f);
  p.eye_distance = draw.uniform(0.3f, 0.38f);
  p.nose_length = draw.uniform(0.25f, 0.38f);
  p.mouth_width = draw.uniform(0.24f, 0.34f);
  p.mouth_height = draw.uniform(0.48f, 0.58f);
  p.lip_width = draw.uniform(0.05f, 0.11f);
  p.hairline = draw.chance(0.1f) ? -2 : draw.uniform(-0.8f, -0.5f);
  p.parting = draw.normal(0.2f);
  p.hair_volume = draw.uniform(1.03f, 1.18f);
  p.long_hair = draw.chance(0.4f) ? draw.uniform(1.0f, 1.3f) : 0;
  p.beard = draw.chance(0.15f) ? draw.uniform(0.3f, 0.95f) : 0;
  p.moustache = draw.chance(0.12f) ? draw.uniform(0.4f, 0.95f) : 0;
  p.wrinkles = draw.uniform();
  p.glasses = draw.chance(0.15f) ? draw.uniform(0.04f, 0.08f) : 0;
  return p;
}

/// Puts points of the front of the head, seen straight on, where they are seen when it turns: the head is a ball.
class Turn {
 public:
  Turn(float yaw, float pitch) : yaw_(yaw), pitch_(pitch) {}
  Place operator()(float x, float y) const {
    const float h = 0.05f;
    const Point here = at(x, y), right = at(x + h, y), below = at(x, y + h);
    return {here, std::max(0.2f, (right.x - here.x) / h), std::max(0.2f, (below.y - here.y) / h)};
  }

 private:
  Point at(float x, float y) const {
    const float z = std::sqrt(std::max(0.1f, 1.1f - x * x - 0.7f * y * y));
    return {x * std::cos(yaw_) + z * std::sin(yaw_), y * std::cos(pitch_) + z * std::sin(pitch_)};
  }
  float yaw_, pitch_;
};

inline void draw_head(Canvas& canvas, const Person& p, const Turn& turn) {
  const auto head = [&p](float x, float y) {  // narrower towards the chin
    const float narrow = y > 0 ? 1 - (1 - p.jaw_width) * 0.5f * y * y : 1;
    return ellipse(x, y, p.width * narrow, 1);
  };
  const Place middle{};
  if (p.long_hair > 0)
    canvas.paint({{0, 0.1f}}, {1.1f, 1.4f}, p.hair, 1, 0.05f,
                 [&](float x, float y) { return ellipse(x, y, p.width + 0.2f, p.long_hair); });
  canvas.paint({{0, 1.2f}}, {0.5f, 0.6f}, p.skin * 0.8f, 1, 0.05f,  // neck
               [](float x, float y) { return ellipse(x, y, 0.42f, 0.6f); });
  for (float side : {-1.0f, 1.0f})
    canvas.paint({{side * p.width, 0}}, {0.15f, 0.25f}, p.skin * 0.85f, 1, 0.03f,
                 [](float x, float y) { return ellipse(x, y, 0.12f, 0.22f); });
  canvas.paint(middle, {1, 1.05f}, p.skin, 1, 0, head);
  if (p.beard > 0) {
    const Place chin = turn(0, 0.35f);
    canvas.paint(middle, {1, 1.05f}, p.hair, p.beard, 0.08f, [&](float x, float y) {
      return std::max(head(x, y), chin.centre.y + 0.25f - 0.9f * (x - chin.centre.x) * (x - chin.centre.x) - y);
    });
  }
  const Place brow = turn(0, p.hairline);
  canvas.paint(middle, {1.2f, 1.25f}, p.hair, 1, 0.04f, [&](float x, float y) {
    const float dx = x - brow.centre.x;
    return std::max(head(x / p.hair_volume, y / p.hair_volume), y - brow.centre.y - (p.parting + 0.6f * dx) * dx);
  });
}

inline void draw_eye(Canvas& canvas, const Person& p, const Movement& m, const Turn& turn, float side, Point gaze) {
  const Place place = turn(side * p.eye_distance, -0.1f);
  const float reach = p.eye_size;
  const float up = std::max(0.01f, reach * (0.55f + 0.4f * m.lids - 0.12f * m.squint));
  const float down = std::max(0.005f, reach * (0.4f - 0.3f * m.squint + 0.1f * m.lids));
  const Arc upper{reach, -up, 0, up / (reach * reach)}, lower{reach, down, 0, -down / (reach * reach)};
  const auto opening = [&](float x, float y) { return lens(x, y, upper, lower); };
  const Point box{reach, reach * 1.3f};
  canvas.paint(place, {reach * 1.7f, reach * 1.7f}, p.skin * 0.6f, 0.5f, 0.15f,  // the socket's shadow
               [&](float x, float y) { return ellipse(x, y, reach * 1.3f, reach); });
  canvas.paint(place, box, std::min(0.95f, p.skin * 0.4f + 0.55f), 1, 0, opening);
  const auto disc = [&](float radius) {
    return [&, radius](float x, float y) {
      return std::max(opening(x, y), ellipse(x - gaze.x, y - gaze.y, radius, radius));
    };
  };
  canvas.paint(place, box, p.iris, 1, 0, disc(reach * 0.48f));
  canvas.paint(place, box, 0.02f, 1, 0, disc(reach * 0.22f));
  canvas.paint(place, box, p.skin * 0.25f, 0.95f, 0, [&](float x, float y) { return upper.stroke(x, y, 0.05f); });
  canvas.paint(place, box, p.skin * 0.5f, 0.5f, 0, [&](float x, float y) { return lower.stroke(x, y, 0.03f); });
  if (m.squint > 0.2f)  // a fold under the eye
    canvas.paint(place, {reach, reach * 2}, p.skin * 0.6f, m.squint * 0.6f, 0.02f, [&](float x, float y) {
      return Arc{reach * 0.9f, down + 0.07f, 0, -0.5f / reach * down}.stroke(x, y, 0.025f);
    });
}

inline void draw_brow(Canvas& canvas, const Person& p, const Movement& m, const Turn& turn, float side) {
  const float inner = -0.13f * m.inner_brow, outer = -0.12f * m.outer_brow;
  const Place place = turn(side * (p.eye_distance + 0.01f - 0.05f * m.frown), p.brow_height);
  const float reach = 0.2f, slope = side * (outer - inner) / (2 * reach);
  const float bend = 1.1f + 0.8f * (m.outer_brow + m.inner_brow) / 2 - 0.6f * m.frown;
  const Arc arc{reach, (inner + outer) / 2 - 0.02f, slope, bend};
  canvas.paint(place, {reach + 0.1f, 0.35f}, std::min(p.hair, p.skin * 0.7f), 0.95f, 0.01f, [&](float x, float y) {
    return arc.stroke(x, y, p.brow_width * (1 - 0.5f * (side * x / reach + 1) / 2));
  });
}

inline void draw_nose(Canvas& canvas, const Person& p, const Movement& m, const Turn& turn) {
  const Place bridge = turn(0, -0.1f), tip = turn(0, -0.08f + p.nose_length - 0.04f * m.nose);
  const float lean = tip.centre.x - bridge.centre.x;
  canvas.paint(tip, {0.25f, 0.5f}, p.skin * 0.7f, 0.5f, 0.04f, [&](float x, float y) {
    return segment(x, y, {-lean * 0.5f + 0.07f, -p.nose_length}, {0.09f, 0}, 0.05f);
  });
  for (float side : {-1.0f, 1.0f}) {
    canvas.paint(tip, {0.2f, 0.12f}, p.skin * 0.3f, 0.9f, 0.01f, [&](float x, float y) {
      return ellipse(x - side * 0.07f, y - 0.04f, 0.04f + 0.01f * m.nose, 0.025f);
    });
    canvas.paint(tip, {0.3f, 0.15f}, p.skin * 0.65f, 0.6f, 0.02f, [&](float x, float y) {
      return Arc{0.05f, 0.02f, side * 0.6f}.stroke(x - side * 0.14f, y, 0.03f);
    });
    if (m.nose > 0.1f)  // wrinkles beside the bridge
      for (float step : {0.0f, 0.08f})
        canvas.paint(bridge, {0.25f, 0.3f}, p.skin * 0.5f, std::min(1.0f, m.nose * 0.8f), 0.01f, [&](float x, float y) {
          return segment(x, y, {side * 0.03f, step}, {side * 0.13f, step - 0.06f}, 0.03f);
        });
  }
  if (m.frown > 0.1f)  // upright folds between the brows
    for (float side : {-1.0f, 1.0f})
      canvas.paint(turn(0, p.brow_height + 0.02f), {0.1f, 0.2f}, p.skin * 0.5f, std::min(1.0f, m.frown * 0.8f), 0.01f,
                   [&](float x, float y) {
                     return segment(x, y, {side * 0.04f, -0.1f}, {side * 0.03f, 0.06f}, 0.025f);
                   });
}

inline void draw_mouth(Canvas& canvas, const Person& p, const Movement& m, const Turn& turn) {
  const Place place = turn(0, p.mouth_height);
  const float reach = p.mouth_width * (1 + 0.4f * m.stretch);
  const float open = 0.34f * std::max(0.0f, m.jaw);
  const float lift = 0.13f * m.corners;  // the corners' rise over the middle
  const float top = -0.3f * open - 0.1f * m.upper_lip, bottom = 0.7f * open, corner = 0.2f * open - lift;
  const Arc upper{reach, top, 0, (corner - top) / (reach * reach)};
  const Arc lower{reach, bottom, 0, (corner - bottom) / (reach * reach)};
  const float width = p.lip_width * (1 - 0.6f * m.press);
  const Point box{reach + 0.1f, 0.6f};
  const auto opening = [&](float x, float y) { return lens(x, y, upper, lower); };
  canvas.paint(place, box, 0.06f, 1, 0, opening);
  canvas.paint(place, box, 0.85f, 0.95f, 0, [&](float x, float y) {  // teeth, from the upper lip down
    return std::max(opening(x, y), y - upper(x) - 0.6f * m.teeth * open);
  });
  canvas.paint(place, box, p.lips, 0.9f, 0.01f,
               [&](float x, float y) { return upper.stroke(x, y + width / 2, width); });
  canvas.paint(place, box, p.lips, 0.9f, 0.01f,
               [&](float x, float y) { return lower.stroke(x, y - width / 2, width * 1.2f); });
  canvas.paint(place, box, p.skin * 0.2f, std::max(0.0f, 0.9f - 2 * open), 0,
               [&](float x, float y) { return upper.stroke(x, y, 0.035f); });
  if (p.moustache > 0)
    canvas.paint(turn(0, p.mouth_height - 0.13f), {0.4f, 0.2f}, p.hair, p.moustache, 0.03f, [&](float x, float y) {
      return Arc{p.mouth_width * 0.9f, 0, 0, 0.6f}.stroke(x, y, 0.1f);
    });
  const float fold =
      0.25f * p.wrinkles + 0.6f * std::max(0.0f, m.corners) + 0.5f * m.nose;  // from nose to mouth corner
  for (float side : {-1.0f, 1.0f})
    canvas.paint(
        turn(side * 0.28f, p.mouth_height - 0.2f), {0.3f, 0.35f}, p.skin * 0.6f, std::min(0.8f, fold), 0.02f,
        [&](float x, float y) {
          return segment(x, y, {side * -0.06f, -0.14f}, {side * (0.1f + 0.05f * m.corners), 0.14f - lift}, 0.03f);
        });
}

inline void draw_glasses(Canvas& canvas, const Person& p, const Turn& turn) {
  if (p.glasses <= 0) return;
  for (float side : {-1.0f, 1.0f})
    canvas.paint(turn(side * p.eye_distance, -0.08f), {0.35f, 0.35f}, 0.08f, 0.9f, 0,
                 [&](float x, float y) { return std::abs(ellipse(x, y, 0.26f, 0.22f)) - p.glasses / 2; });
  canvas.paint(turn(0, -0.1f), {0.12f, 0.1f}, 0.08f, 0.9f, 0, [&](float x, float y) {
    return segment(x, y, {-0.08f, 0}, {0.08f, 0}, p.glasses);
  });
}

inline void draw_forehead(Canvas& canvas, const Person& p, const Movement& m, const Turn& turn) {
  const float strength = 0.2f * p.wrinkles + 0.5f * std::max(0.0f, std::min(m.inner_brow, m.outer_brow));
  for (float height : {-0.52f, -0.62f})
    canvas.paint(turn(0, height), {0.4f, 0.1f}, p.skin * 0.6f, std::min(0.7f, strength), 0.01f, [](float x, float y) {
      return Arc{0.28f, 0, 0, 0.2f}.stroke(x, y, 0.025f);
    });
}

}  // namespace ferlab::datasets::detail
