{#
  Percentile of whole numbers with linear interpolation, exact: an aggregate over a group whose rows are numbered.

  The percentile stands at decimas * (n - 1) / 10 places after the smallest value. Counting places in tenths, each value
  weighs 10 less its distance to that point (0 from one place on), so no double enters and nothing is rounded twice.
#}
{% macro percentil_interpolado(valor, lugar, total, decimas) -%}
    {{ div_round(
        'sum(' ~ valor ~ ' * greatest(0, 10 - abs(10 * (' ~ lugar ~ ' - 1) - ' ~ decimas ~ ' * (' ~ total ~ ' - 1))))',
        10,
        2
    ) }}
{%- endmacro %}
