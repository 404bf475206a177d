{# Whole quotient of two whole numbers, the second above zero; the engines spell it differently. #}
{% macro division_entera(dividendo, divisor) -%}
    {{ return(adapter.dispatch('division_entera')(dividendo, divisor)) }}
{%- endmacro %}

{% macro default__division_entera(dividendo, divisor) -%}
    (cast({{ dividendo }} as decimal(38, 0)) div cast({{ divisor }} as decimal(38, 0)))
{%- endmacro %}

{# HUGEINT, because `//` over DECIMAL goes through floating point. #}
{% macro duckdb__division_entera(dividendo, divisor) -%}
    (cast({{ dividendo }} as hugeint) // cast({{ divisor }} as hugeint))
{%- endmacro %}


{#
  Exact quotient of whole numbers, rounded half away from zero; NULL over 0 and where a part is NULL.
  Rounding a floating average differs by the last digit now and then, which a reader with a calculator finds.
#}
{% macro div_round(numerador, denominador, decimales=0) -%}
    (
        case
            when ({{ denominador }}) <> 0
                then
                    cast(
                        case when (({{ numerador }}) < 0) <> (({{ denominador }}) < 0) then -1 else 1 end
                        * {{ division_entera(
                            '2 * ' ~ 10 ** decimales ~ ' * abs(cast((' ~ numerador ~ ') as decimal(38, 0)))'
                            ~ ' + abs(cast((' ~ denominador ~ ') as decimal(38, 0)))',
                            '2 * abs(cast((' ~ denominador ~ ') as decimal(38, 0)))'
                        ) }}
                        as decimal(28, 0)
                    ) * cast('{{ '%.*f' | format(decimales, 10 ** -decimales) }}' as decimal({{ decimales + 1 }}, {{ decimales }}))
        end
    )
{%- endmacro %}


{#
  Percentage with two decimals, half up; NULL over a base of 0 or NULL.
  What is not complete never reads 100.00: a citizen takes that for done.
#}
{% macro porcentaje(numerador, denominador) -%}
    cast(
        case
            when
                (({{ denominador }}) > 0 and ({{ numerador }}) < ({{ denominador }}))
                or (({{ denominador }}) < 0 and ({{ numerador }}) > ({{ denominador }}))
                then least({{ div_round('100 * cast((' ~ numerador ~ ') as decimal(36, 0))', denominador, 2) }}, 99.99)
            else {{ div_round('100 * cast((' ~ numerador ~ ') as decimal(36, 0))', denominador, 2) }}
        end
        as decimal(18, 2)
    )
{%- endmacro %}


{# Thousands of pesos (M$, BIGINT) of an amount in pesos, half up: to be done once, over the last sum. #}
{% macro miles_de_pesos(pesos) -%}
    cast({{ div_round(pesos, 1000) }} as bigint)
{%- endmacro %}
